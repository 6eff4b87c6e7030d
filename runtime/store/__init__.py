"""The store: databases, system tables, releases, publishing. All SQL that touches records goes through its connections."""
