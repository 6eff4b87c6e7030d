"""The checker: from what was written to the typed tree, with every problem at its place."""
