"""Changes of definitions as frozen values that splice the text of their files; see README.md of the designer."""
