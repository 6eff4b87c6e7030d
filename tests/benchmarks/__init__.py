"""The benchmark: Carework beside a hand-written application that does the same work on the same tables."""
