"""The channel `email`: plain text by SMTP, to one address, set up by `CAREWORK_SMTP_URL`."""

from __future__ import annotations

from collections.abc import Mapping

from plugins.email.sending import Email
from plugins.email.settings import BadSmtpUrl, Smtp
from runtime.channels import Channel

__all__ = ["SETTING", "BadSmtpUrl", "Email", "Smtp", "channels"]

SETTING = "CAREWORK_SMTP_URL"


def channels(environment: Mapping[str, str]) -> tuple[Channel, ...]:
    """See `runtime.channels`. Raises BadSmtpUrl."""
    url = environment.get(SETTING, "")
    return (Email(Smtp.of(url) if url else None),)
