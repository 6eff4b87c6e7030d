"""Built-in plugins; see README.md for the contract they are held to."""
