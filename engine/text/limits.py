"""How large definitions may be; far above what a clinic writes, far below what would slow a check."""

MAX_FILES = 2_000
MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 120_000
MAX_HOPS = 4
MAX_PROBLEMS = 500
"""Problems of one file's text after which reading it ends; nobody reads more before correcting some."""
