"""`carework eval`: value, type and trace of an expression, problems with their place under the text, under somebody's rights.

1. The value, its type and every part, in English and Chinese, as text and as JSON.
2. On values alone, as of another instant, on a record, and as a user who may not see all of it.
3. Problems have a mark under the character, also below wide ones; exit codes are those of the other commands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from runtime.cli.context import records_of, system_account
from runtime.records.commands import Create
from runtime.records.outcomes import Written
from runtime.store.database import Store
from tests.runtime.cli.conftest import Cli

CHEN = {"name": "陈晨", "birth_date": "1982-01-01", "smoker": True, "income": "1000.00"}


@pytest.fixture
def patient(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A patient of the clinic XH."""
    monkeypatch.setenv("CAREWORK_KEYS", str(cli.keys))
    store = Store.open(cli.url)
    clinics = store.release().tables.object("clinic")
    with store.read() as connection:
        clinic = connection.scalar(sa.select(clinics.column("id")).where(clinics.column("code") == "XH"))
    [made] = records_of(store).execute([Create("patient", CHEN, clinic=clinic)], system_account(store))
    assert isinstance(made, Written), made
    yield made.id
    store.close()


one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""What is said of a value does not depend on where it lies."""


def evaluated(cli: Cli, expression: str, *more: object, code: int = 0) -> str:
    return cli("eval", expression, "--object", "patient", *more, code=code).output


def test_value_type_and_trace(cli: Cli, patient: str) -> None:
    """Requirement 1."""
    shown = evaluated(cli, "age(birth_date) >= 18 && smoker", "--record", patient, "--now", "2026-11-22")
    assert shown.splitlines() == [
        "value: true", "type: boolean", "trace:", "  age(birth_date) >= 18 && smoker = true", "    age(birth_date) >= 18 = true",
        "      age(birth_date) = 44", "        birth_date = 1982-01-01", "      18 = 18", "    smoker = true"]
    chinese = evaluated(cli, "name", "--record", patient, "--language", "zh")
    assert chinese.splitlines() == ["值: \"陈晨\"", "类型: 文本", "过程:", "  name = \"陈晨\""]


@one_database
def test_json(cli: Cli, patient: str) -> None:
    """Requirement 1: the same as the API gives."""
    found = json.loads(evaluated(cli, "income * 2", "--record", patient, "--json"))
    assert (found["type"], found["value"], found["hidden"]) == ("decimal", "2000", [])
    assert [part["text"] for part in found["trace"]["parts"]] == ["income", "2"]


@one_database
def test_values_and_another_day(cli: Cli) -> None:
    """Requirement 2: no record is needed."""
    assert "value: 5" in evaluated(cli, "age(birth_date)", "--values", '{"birth_date": "2020-06-01"}', "--now", "2026-05-31")
    assert "value: 6" in evaluated(cli, "age", "--values", '{"birth_date": "2020-06-01"}', "--now", "2026-06-01T00:00:00+08:00")
    assert "value: null" in evaluated(cli, "name")


@one_database
def test_as_a_user(cli: Cli, patient: str) -> None:
    """Requirement 2: reception reads patients of its clinic, but not what they earn; in another clinic there is no such record."""
    for login, clinic in (("fang", "XH"), ("zhou", "PD")):
        cli("user", "add", login, "--name", "方", "--role", "reception", "--clinic", clinic)
    shown = evaluated(cli, "income > 500.00 || smoker", "--record", patient, "--as", "fang").splitlines()
    assert shown[0] == "value: true"
    assert "      income = null   (not visible)" in shown
    assert "1000" not in "\n".join(shown)
    assert "(无权查看)" in evaluated(cli, "income", "--record", patient, "--as", "fang", "--language", "zh")
    assert "no such record" in evaluated(cli, "income > 500.00", "--record", patient, "--as", "zhou", code=1)


@one_database
def test_problems_have_a_mark(cli: Cli) -> None:
    """Requirement 3: below the character, however wide those before it are."""
    shown = evaluated(cli, "name == '王梅' && smokr", code=1)
    [line, mark] = shown.splitlines()[1:3]
    assert line == "  name == '王梅' && smokr"
    assert mark == "  " + " " * (len("name == '王梅' && ") + 2) + "^"
    assert "Did you mean 'smoker'?" in shown
    assert "是不是“smoker”？" in evaluated(cli, "smokr", "--language", "zh", code=1)
    problems = json.loads(evaluated(cli, "smokr && 1 +", "--json", code=1))
    assert [(problem["code"], problem["offset"]) for problem in problems] == [("EXPR-001", 12)]


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (("1", "--object", "pateint"), 1, "Did you mean 'patient'?"), (("1", "--object", "patient", "--record", "0" * 32), 1, "no such record"),
    (("1", "--object", "patient", "--as", "nobody"), 1, "there is no user 'nobody'"), (("1", "--object", "patient", "--values", "{"), 2, "no JSON"),
    (("1", "--object", "patient", "--now", "soon"), 2, "no instant"), (("1",), 2, "--object"),
    (("1", "--object", "patient", "--values", '{"nmae": 1}'), 1, "no field “nmae”"),
    (("1", "--object", "patient", "--values", '{"birth_date": "x"}'), 1, "birth_date:"),
])
def test_exit_codes(sqlite_cli: Cli, arguments: tuple[str, ...], code: int, said: str) -> None:
    """Requirement 3."""
    assert said in sqlite_cli("eval", *arguments, code=code).output
