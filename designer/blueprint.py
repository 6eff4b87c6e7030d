"""The blueprint that the designer's routes stand on."""

from flask import Blueprint

__all__ = ["designer"]

designer = Blueprint("designer", __name__, url_prefix="/design")
