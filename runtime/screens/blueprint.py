"""The blueprint that every screen's routes stand on."""

from flask import Blueprint

__all__ = ["screens"]

screens = Blueprint("screens", __name__)
