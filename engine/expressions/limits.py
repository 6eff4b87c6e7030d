"""The bounds of the language: what is beyond them is refused at check, or null at run time, in every back end alike."""

from __future__ import annotations

from decimal import Decimal

MAX_CHARACTERS = 4_000
MAX_NODES = 500
MAX_DEPTH = 32
MAX_HOPS = 4

# Parts that may be computed, macros over lists multiplied out; the second is taken for the length of a list that is read.
MAX_STEPS = 100_000
UNKNOWN_LENGTH = 64
# Characters of a text whose field says no bound.
MAX_TEXT = 20_000

# The integers that a browser's number holds exactly, so that all back ends see an overflow at the same value.
MAX_INTEGER = 2**53 - 1

# A decimal is a whole number of at most 18 digits shifted by the places of its type: SQLite stores it as an INTEGER.
DECIMAL_DIGITS = 18
MAX_PLACES = 10

# Between these a product of two floats neither overflows nor underflows, which PostgreSQL would raise an error for.
MAX_FLOAT = 1e150
MIN_FLOAT = 1e-150

# Four thousand years either way keep PostgreSQL's dates in range whatever they are added to.
MAX_YEARS = 4_000
MAX_MONTHS = MAX_YEARS * 12
MAX_DAYS = 1_461_000
MAX_HOURS = 2_000_000
MAX_MICROSECONDS = MAX_HOURS * 3_600_000_000

# A pattern of `matches`.
MAX_PATTERN = 200
MAX_REPEAT = 100
# What an engine may have to remember of a pattern: sets of places that a text can have led to, and the places in them.
MAX_SETS = 400
MAX_SETS_PLACES = 20_000
# Patterns of one expression, each of which has to be looked at and compiled.
MAX_PATTERNS = 8


def decimal_bound(places: int) -> Decimal:
    """The first value that a decimal of these places does not hold."""
    return Decimal(10) ** (DECIMAL_DIGITS - places)
