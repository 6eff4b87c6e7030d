"""Every route says what it is: who may call it, what is audited, which rate and which protection against forged requests.

A route that says nothing stops the application from being built (harness H7), so a forgotten one cannot be served.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import TypeVar

from flask import Flask

__all__ = [
    "Audit", "Csrf", "Declaration", "Policy", "Rate", "UndeclaredRoute", "declaration", "declarations", "declare", "require_declared",
]

View = TypeVar("View", bound=Callable[..., object])
_MARK = "carework_declaration"


class Policy(enum.Enum):
    """Who may call a route."""

    ANONYMOUS = "anonymous"
    SIGNED_IN = "signed_in"
    OBJECT = "object"
    """Signed in, and the records service decides by object, row and field."""
    DESIGN = "design"
    GRANT = "grant"
    AUDIT = "audit"
    OPERATE = "operate"


class Audit(enum.Enum):
    """What a successful call leaves behind."""

    NONE = "none"
    VIEW = "view"
    CHANGE = "change"
    EXPORT = "export"


class Rate(enum.Enum):
    """How often an address may call it before it has said who it is."""

    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    LINK = "link"
    """Like READ, and more narrowly for each path: a clinic's patients share one address, and each has a path of her own."""
    FREE = "free"


class Csrf(enum.Enum):
    """What keeps another site from calling it with a visitor's cookie."""

    SAFE = "safe"
    """Changes nothing: GET and HEAD only."""
    FORM = "form"
    """A token in the form or the X-CSRFToken header."""
    BEARER = "bearer"
    """A bearer token needs none; a session cookie needs the header."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a route says of itself; `payload` names the schema of what it takes, '' for nothing but the query string."""

    policy: Policy
    audit: Audit
    rate: Rate
    csrf: Csrf
    payload: str = ""
    upload: bool = False
    """Whether its body may be as large as the largest attachment; other bodies end at a megabyte."""


class UndeclaredRoute(Exception):
    """Routes without a declaration, or with one that contradicts their methods; the text lists all of them."""


def declare(
    *, policy: Policy, audit: Audit = Audit.NONE, rate: Rate = Rate.READ, csrf: Csrf = Csrf.SAFE, payload: str = "",
    upload: bool = False,
) -> Callable[[View], View]:
    """Declare a view function; stands directly above `def`, below the route."""

    def mark(view: View) -> View:
        setattr(view, _MARK, Declaration(policy=policy, audit=audit, rate=rate, csrf=csrf, payload=payload, upload=upload))
        return view

    return mark


def declaration(app: Flask, endpoint: str) -> Declaration | None:
    """The declaration of an endpoint's view function, None when it has none."""
    return getattr(app.view_functions.get(endpoint), _MARK, None)


def declarations(app: Flask) -> dict[str, Declaration]:
    """The declarations of all endpoints that have one."""
    return {name: found for name in app.view_functions if (found := declaration(app, name)) is not None}


def require_declared(app: Flask) -> None:
    """Raise UndeclaredRoute unless every rule of the application is declared and its protection fits its methods."""
    faults = []
    for rule in app.url_map.iter_rules():
        found = declaration(app, rule.endpoint)
        changes = sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
        if found is None:
            faults.append(f"{rule.rule} ({rule.endpoint}) declares nothing")
        elif changes and found.csrf is Csrf.SAFE:
            faults.append(f"{rule.rule} ({rule.endpoint}) takes {', '.join(changes)} but is declared safe")
        elif changes and not found.payload:
            faults.append(f"{rule.rule} ({rule.endpoint}) takes {', '.join(changes)} but names no payload")
    if faults:
        raise UndeclaredRoute("; ".join(sorted(faults)))
