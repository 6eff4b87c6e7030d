"""The browser editor of definitions; see README.md for what will be here."""
