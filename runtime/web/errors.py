"""The one mapping from what goes wrong to HTTP: problem details (RFC 9457) for the API, pages for people."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from runtime.audit.views import ViewsNotWritten
from runtime.records.outcomes import FieldError, Kind, Refused
from runtime.records.rows import BadQuery, UnknownObject
from runtime.store.errors import BadText, FenceMoved, NoRelease, StoreBusy, StoreUnavailable, TooSlow
from runtime.web.messages import REASONS, reason_of_status, say

__all__ = ["HttpProblem", "ProblemError", "install_errors", "problem_of", "refusal", "respond"]

PROBLEM_TYPE = "application/problem+json"
RETRY_SECONDS = 2
log = structlog.get_logger("carework.web")


@dataclasses.dataclass(frozen=True, slots=True)
class ProblemError:
    """One thing that is wrong: `pointer` into the JSON body (RFC 6901, `#/values/name`) or the name of a query parameter."""

    code: str
    message: str
    pointer: str | None = None
    parameter: str | None = None
    offset: int | None = None
    fix: str | None = None
    """What to do about it."""

    def json(self) -> dict[str, object]:
        return {slot: value for slot in self.__slots__ if (value := getattr(self, slot)) is not None}


class HttpProblem(Exception):
    """An answer that is a refusal. `code` is a key of REASONS and gives the status; `extra` are more members of the body."""

    def __init__(
        self, code: str, *, detail: str = "", errors: Sequence[ProblemError] = (), headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = REASONS[code].status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def title(self, language: str) -> str:
        return REASONS[self.code].title(language)

    def body(self, language: str, request_id: str) -> dict[str, object]:
        """The problem details; the same for a thing that is absent and one that is hidden, but for the request's id."""
        found: dict[str, object] = {
            "type": "about:blank", "title": self.title(language), "status": self.status, "code": self.code,
            "request_id": request_id,
        }
        if self.detail:
            found["detail"] = self.detail
        if self.errors:
            found["errors"] = [error.json() for error in self.errors]
        return {**found, **self.extra}


_KINDS: Mapping[Kind, str] = {
    Kind.INVALID: "invalid", Kind.FORBIDDEN: "forbidden", Kind.NOT_FOUND: "not_found", Kind.STALE: "stale",
    Kind.LOST: "lost", Kind.FENCE: "fence", Kind.IN_USE: "in_use", Kind.DUPLICATE: "duplicate",
    Kind.NOT_TRIED: "not_tried", Kind.BUSY: "busy",
}


def refusal(refused: Refused, *, pointer: str = "#") -> HttpProblem:
    """The answer for a refused command; `pointer` is where the command's values stand in the body."""
    errors = [_field_error(error, pointer) for error in refused.errors]
    extra: dict[str, object] = {}
    for name, value in (("version", refused.version), ("state", refused.state), ("rule", refused.rule)):
        if value:
            extra[name] = value
    if refused.kind is Kind.FENCE:
        extra["changed"] = list(refused.changed)
    headers = {"Retry-After": str(RETRY_SECONDS)} if refused.kind is Kind.BUSY else {}
    detail = "" if refused.kind is Kind.NOT_FOUND else refused.message
    return HttpProblem(_KINDS[refused.kind], detail=detail, errors=errors, headers=headers, extra=extra)


def _field_error(error: FieldError, pointer: str) -> ProblemError:
    place = f"{pointer}/{error.field}" if error.field else pointer
    return ProblemError(error.code, error.message, pointer=place)


def _bad_query(error: BadQuery, language: str) -> HttpProblem:
    message = (language.startswith("zh") and error.chinese) or error.message
    found = ProblemError(error.code, message, parameter=error.parameter, offset=error.offset)
    return HttpProblem("former_name" if error.code == "former_name" else "bad_query", detail=message, errors=[found])


def _again(code: str) -> Callable[[Any, str], HttpProblem]:
    return lambda error, language: HttpProblem(code, headers={"Retry-After": str(RETRY_SECONDS)})


def _plain(code: str) -> Callable[[Any, str], HttpProblem]:
    return lambda error, language: HttpProblem(code)


def _http(error: HTTPException, language: str) -> HttpProblem:
    """What Flask and Werkzeug raise; their texts are not repeated, they may quote what was sent."""
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "WWW-Authenticate")}
    return HttpProblem(reason_of_status(error.code or 500), headers=headers)


_MAPPING: Mapping[type[Exception], Callable[[Any, str], HttpProblem]] = {
    UnknownObject: _plain("not_found"),
    BadQuery: _bad_query,
    FenceMoved: lambda error, language: HttpProblem("fence", extra={"changed": []}),
    NoRelease: _again("no_release"),
    StoreBusy: _again("busy"),
    BadText: _plain("bad_request"),
    TooSlow: _again("too_slow"),
    StoreUnavailable: _again("unavailable"),
    ViewsNotWritten: _again("not_audited"),
    HTTPException: _http,
}


def problem_of(error: Exception, language: str) -> HttpProblem | None:
    """The answer for an exception; None for one that nobody expected."""
    if isinstance(error, HttpProblem):
        return error
    found = next((make for kind in type(error).__mro__ if (make := _MAPPING.get(kind)) is not None), None)
    return None if found is None else found(error, language)


def respond(problem: HttpProblem, language: str, request_id: str) -> Response:
    """Problem details as a response."""
    response = Response(orjson.dumps(problem.body(language, request_id)), problem.status, content_type=PROBLEM_TYPE)
    response.headers["Content-Language"] = "zh" if language.startswith("zh") else "en"
    response.headers.update(problem.headers)
    return response


def wants_problem() -> bool:
    """Whether this request is a program's: under /api, or one that asks for JSON."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def install_errors(app: Flask, page: Callable[[], Callable[[HttpProblem], Response] | None]) -> None:
    """Answer every exception; `page()` gives what draws a page for people, None until screens are there."""
    from runtime.web.state import here

    def answer(error: Exception) -> Response:
        state = here()
        problem = problem_of(error, state.language)
        if problem is None:
            log.error("unexpected", request_id=state.request_id, endpoint=request.endpoint, **_frames(error))
            problem = HttpProblem("unexpected")
        draw = None if wants_problem() else page()
        if draw is None:
            return respond(problem, state.language, state.request_id)
        try:
            response = draw(problem)
        except Exception as second:
            log.error("error page failed", request_id=state.request_id, **_frames(second))
            return respond(problem, state.language, state.request_id)
        response.headers.update(problem.headers)
        return response

    app.register_error_handler(Exception, answer)


def _frames(error: Exception) -> dict[str, object]:
    """What a log may hold of an exception: its type and where it was raised; its text may quote a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__qualname__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]}


def parameter_problem(code: str, language: str, name: str, **words: object) -> HttpProblem:
    """400 for one query parameter."""
    message = say(code, language, name=name, **words)
    return HttpProblem("bad_query", detail=message, errors=[ProblemError(code, message, parameter=name)])
