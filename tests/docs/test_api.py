"""The page of the REST API names what the code has: addresses, parameters, limits and the codes of refusals."""

import re

from runtime.api.batch import _KINDS, MOST_COMMANDS
from runtime.api.lists import DEFAULT_LIMIT, PARAMETERS
from runtime.api.records import TRANSITION_KEYS
from runtime.api.routes import _ROUTES, PREFIX
from runtime.records.query import MAX_LIMIT
from runtime.web.messages import REASONS
from tests.docs.pages import LANGUAGE, unmentioned

TEXT = (LANGUAGE / "api.md").read_text("utf-8")


def test_every_address_is_described() -> None:
    """The table of addresses is that of the application, no more and no less."""
    names = {"<name:name>": "<object>", "<record:id>": "<id>", "<name:transition>": "<transition>", "<name:field>": "<field>",
             "<record:enrolment>": "<enrolment>"}
    routes = set()
    for method, path, _ in _ROUTES:
        for code, word in names.items():
            path = path.replace(code, word)
        routes.add(f"{method} {PREFIX}{path}")
    assert set(re.findall(r"^\| `([A-Z]+ /api/[^`]*)` \|", TEXT, re.MULTILINE)) == routes


def test_every_refusal_is_described() -> None:
    """Every code stands in the table with its status."""
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", TEXT, re.MULTILINE)
    described = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert described == {code: reason.status for code, reason in REASONS.items()}


def test_parameters_and_limits_are_described() -> None:
    """What a list, a batch and a transition take, with their limits."""
    assert unmentioned(TEXT, set(PARAMETERS)) == set()
    assert all(f'"{word}"' in TEXT for word in (*_KINDS, *TRANSITION_KEYS, "atomic", "commands"))
    assert f"1 to {MAX_LIMIT}, `{DEFAULT_LIMIT}` when left out" in TEXT
    assert f"At most {MOST_COMMANDS} commands" in TEXT
