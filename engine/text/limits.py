"""How large definitions may be; far above what a clinic writes, far below what would slow a check."""

MAX_FILES = 2_000
MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 200_000
MAX_HOPS = 4
