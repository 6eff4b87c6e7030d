"""What the sign-in and account pages share: one per application, because a password hasher is costly to make."""

from __future__ import annotations

import dataclasses

from flask import Flask, current_app

from runtime.identity.accounts import Accounts
from runtime.identity.passwords import Passwords, Profile
from runtime.identity.sessions import Sessions
from runtime.identity.sign_in import SignIn
from runtime.web.site import site_of

__all__ = ["Doors", "doors", "install_doors"]

_EXTENSION = "carework.doors"


@dataclasses.dataclass(frozen=True, slots=True)
class Doors:
    """Ways in and out."""

    passwords: Passwords
    sign_in: SignIn
    sessions: Sessions
    accounts: Accounts


def install_doors(app: Flask) -> None:
    """Make them for an application that has its site."""
    site = site_of(app)
    passwords = Passwords(Profile(site.settings.password_profile))
    app.extensions[_EXTENSION] = Doors(
        passwords, SignIn(site.store, passwords), Sessions(site.store), Accounts(site.store, passwords, site.new_id)
    )


def doors() -> Doors:
    """Those of the application that serves this request."""
    found: Doors = current_app.extensions[_EXTENSION]
    return found
