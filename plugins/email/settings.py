"""`CAREWORK_SMTP_URL`: the server, how it is spoken to, and who the mail is from."""

from __future__ import annotations

import dataclasses
import email.errors
import email.headerregistry
import urllib.parse

from runtime.channels import BadSetting

__all__ = ["BadSmtpUrl", "Smtp", "one_address"]

_PORTS = {"smtp": 587, "smtps": 465}
_TAKES = "CAREWORK_SMTP_URL takes smtp[s]://USER:PASSWORD@HOST:PORT?from=ADDRESS, special characters as %XX; "


class BadSmtpUrl(BadSetting):
    """The setting cannot be used; the text says why and holds nothing of the setting itself."""


def one_address(text: str) -> str:
    """The address when the text is just one, its domain in ASCII; '' for anything else (A-45)."""
    text = text.strip()
    if not text or len(text) > 254 or any(ord(char) <= 32 or char in ',;<>()[]"\\' or ord(char) == 127 for char in text):
        return ""
    local, at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
        local.encode("ascii")
        email.headerregistry.Address(addr_spec=f"{local}@{domain}")
    except (UnicodeError, ValueError, email.errors.MessageError, IndexError):
        return ""
    return f"{local}@{domain}" if at and local and "." in domain and not domain.startswith(".") else ""


@dataclasses.dataclass(frozen=True, slots=True)
class Smtp:
    """A server. `tls` is `now` (from the first byte), `start` (STARTTLS, without which nothing is sent) or `off`."""

    host: str
    port: int
    sender: str
    tls: str
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Smtp:
        """The server of a URL. Raises BadSmtpUrl, which never repeats the password (A-66)."""
        try:
            parts = urllib.parse.urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            raise BadSmtpUrl(_TAKES + "this one cannot be read") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise BadSmtpUrl(_TAKES + "the scheme or the host is missing")
        query = urllib.parse.parse_qs(parts.query)
        user, password = (urllib.parse.unquote(text or "") for text in (parts.username, parts.password))
        sender = one_address(query.get("from", [user])[-1])
        if not sender:
            raise BadSmtpUrl(_TAKES + "'from' is not one address")
        off = query.get("tls", [""])[-1] == "off"
        tls = "now" if parts.scheme == "smtps" else "off" if off else "start"
        if tls == "off" and password:
            raise BadSmtpUrl(_TAKES + "with tls=off a password would be sent for everybody to read")
        return cls(parts.hostname, port, sender, tls, user, password)
