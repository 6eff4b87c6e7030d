"""The back end for Python: a tree becomes one closure; with the rules switched off for tests, and the trace for people."""
