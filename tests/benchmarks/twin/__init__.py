"""The hand-written application: what a good developer writes for one nurse's follow-up tasks, with Flask, SQLAlchemy Core and Jinja2.

It imports nothing of Carework and uses the same tables, WHERE clauses, masks and audit.
"""
