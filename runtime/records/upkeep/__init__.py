"""Keeping stored formulas true: beside each write, in slices where it touches many rows, at publish, and checked by doctor."""
