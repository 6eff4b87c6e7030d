"""The headers of every response, errors and files included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["CONTENT_SECURITY_POLICY", "SECRET_PATH", "STATIC_PATH", "SafeHeaders"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""No inline script or style, no eval, nothing from elsewhere; `data:` images are the icons inside the style sheet, `blob:`
ones the preview of a picture that is about to be sent."""

STATIC_PATH = "/static/"
SECRET_PATH = "/f/"
"""Addresses that are secrets themselves: no request that their pages lead to says where it came from."""
_HEADERS = [
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
]
_PRIVATE = [("Cache-Control", "no-store"), ("Vary", "Cookie, Accept-Language, Authorization")]
_YEAR = 31_536_000
_CONTROLLED = frozenset(name.lower() for name, _ in (*_HEADERS, *_PRIVATE))


class SafeHeaders:
    """Around the application, so that no answer escapes and none costs more than two list operations.

    `secure` adds HSTS. Pages are never cached; assets whose address has their fingerprint (`?v=`) for a year.
    """

    def __init__(self, application: WSGIApplication, *, secure: bool) -> None:
        self._application = application
        transport = [("Strict-Transport-Security", f"max-age={_YEAR}")] if secure else []
        self._page = [*_HEADERS, *_PRIVATE, *transport]
        self._secret = [(name, "no-referrer") if name == "Referrer-Policy" else (name, value) for name, value in self._page]
        self._versioned = [*_HEADERS, ("Cache-Control", f"public, max-age={_YEAR}, immutable"), *transport]
        self._asset = [*_HEADERS, ("Cache-Control", "no-cache"), *transport]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        page, static = self._secret if path.startswith(SECRET_PATH) else self._page, path.startswith(STATIC_PATH)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if static and status[:3] in ("200", "304"):
                found = self._versioned if "v=" in environ.get("QUERY_STRING", "") else self._asset
                headers = [header for header in headers if header[0].lower() not in _CONTROLLED]
            else:
                found = page
            return start_response(status, headers + found, exc_info)

        return self._application(environ, start)
