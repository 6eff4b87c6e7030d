"""The headers of every response, errors and files included."""

from __future__ import annotations

from flask import Flask, Response, request

__all__ = ["CONTENT_SECURITY_POLICY", "install_headers"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""No inline script or style, no eval, nothing from elsewhere; `data:` images are the icons inside the style sheet."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_YEAR = 31_536_000


def install_headers(app: Flask, *, secure: bool) -> None:
    """Set the headers on every response; `secure` adds HSTS. Pages are never cached, versioned assets for a year."""

    def add(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint is not None and request.endpoint.endswith("static") and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if request.args.get("v") else "no-cache"
        else:
            response.headers["Cache-Control"] = "no-store"
            response.headers["Vary"] = "Cookie, Accept-Language, Authorization"
        if secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
        return response

    app.after_request(add)
