"""A drawn text with holes: what is the same each time is drawn once, and filling the holes costs a join."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

__all__ = ["Stencil"]

_MARK = f"hole-{secrets.token_hex(12)}-"
"""Nobody outside this process can write it into a text."""
_HOLE = re.compile(f"{_MARK}([0-9]+)-")


class Stencil:
    """What `draw` draws must not depend on the texts that it is given, but for holding them."""

    def __init__(self, draw: Callable[[Sequence[Markup]], str], holes: int) -> None:
        found = _HOLE.split(draw([Markup(f"{_MARK}{n}-") for n in range(holes)]))
        self._first = found[0]
        self._rest = [(int(hole), text) for hole, text in zip(found[1::2], found[2::2], strict=True)]

    def fill(self, *texts: object) -> Markup:
        """The text with these in its holes, escaped unless they are HTML."""
        ready = [text if type(text) is Markup else escape(text) for text in texts]
        parts = [self._first]
        for hole, after in self._rest:
            parts += (ready[hole], after)
        return Markup("".join(parts))
