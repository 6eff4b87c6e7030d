"""The page for people when a request is refused: what happened, in words, and a way on."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, redirect, request

from runtime.screens.shell import show
from runtime.web.errors import HttpProblem
from runtime.web.state import here

__all__ = ["error_page"]


def error_page(problem: HttpProblem) -> Response:
    """The page of a refusal; somebody who is not signed in is sent to sign in first and comes back after it."""
    state = here()
    if problem.code == "sign_in" and "HX-Request" not in request.headers:
        back = request.full_path.rstrip("?") if request.method == "GET" else "/"
        answer = redirect("/sign-in" + (f"?next={quote(back)}" if back != "/" else ""))
        assert isinstance(answer, Response)
        return answer
    parts = [problem.detail, *(error.message for error in problem.errors if error.message != problem.detail)]
    text = " ".join(part for part in parts if part)
    return show("error.html", problem.status, error={"code": problem.status, "text": text, "request_id": state.request_id, "actions": []})
