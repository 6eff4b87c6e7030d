"""The steps of a write, each over a list of commands of one kind on one object."""
