"""What the functions' SQL for PostgreSQL is made of: bounds and half-even rounding, which PostgreSQL lacks."""

from __future__ import annotations

from engine.expressions.limits import DECIMAL_DIGITS, MAX_FLOAT, MAX_INTEGER, MIN_FLOAT
from engine.expressions.sql.terms import Term, bounded, cast, let, number, operand, write
from engine.expressions.types import INT, Type, places

__all__ = ["bounded_float", "bounded_number", "half_even", "limited"]


def limited(term: Term, most: int) -> Term:
    """The whole number, or null beyond ±most; LEAST and GREATEST skip a null, so null meets the bound and is null again."""
    return bounded(term, number(-most - 1), number(most + 1), least="least", greatest="greatest")


def bounded_number(term: Term, kind: Type) -> Term:
    """The number, or null beyond the bounds of its type; integers come back as bigint."""
    if kind == INT:
        return cast(limited(term, MAX_INTEGER), "bigint")
    edge = 10 ** (DECIMAL_DIGITS - places(kind))
    return bounded(term, number(-edge), number(edge), least="least", greatest="greatest")


def bounded_float(term: Term) -> Term:
    """The float, null beyond the greatest, zero below the least."""
    most, least = (f"'{bound!r}'::float8" for bound in (MAX_FLOAT, MIN_FLOAT))
    return let((term,), lambda x: write(
        "CASE WHEN abs(", x, f") > {most} THEN NULL WHEN abs(", x, f") < {least} THEN 0::float8 ELSE ", x, " END",
    ))


def half_even(numerator: Term, denominator: Term, digits: int) -> Term:
    """numerator / denominator rounded half-even to `digits` places; the denominator is not zero, or null."""

    def body(n: Term, d: Term) -> Term:
        quotient, twice = f"div({n.text}, {d.text})", f"abs(mod({n.text}, {d.text})) * 2"
        odd = f"mod({quotient}, 2) <> 0"
        away = f"CASE WHEN {twice} > abs({d.text}) OR {twice} = abs({d.text}) AND {odd} THEN sign({n.text}) * sign({d.text}) ELSE 0 END"
        return Term(f"({quotient} + {away}) * 1e-{digits}::numeric", (), True)

    shifted = write(operand(cast(numerator, "numeric")), f" * {10**digits}", loose=True)
    return let((shifted, cast(denominator, "numeric")), body)
