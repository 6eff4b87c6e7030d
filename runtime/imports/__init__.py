"""Imports: a table (CSV or XLSX) and a mapping file become commands to the records service, line by line accountable."""
