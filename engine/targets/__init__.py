"""Back ends: what the frozen Model becomes. Each module reads the Model and makes one thing of it."""
