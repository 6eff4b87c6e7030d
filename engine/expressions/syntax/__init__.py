"""The grammar and what the parser makes of a text."""
