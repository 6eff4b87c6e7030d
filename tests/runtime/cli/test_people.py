"""`user`, `token` and `explain`: what makes accounts and tokens on both databases, the words around it on one.

1. An account is made with its record, roles and a password that is shown once and works; all of it is audited.
2. Passwords are set, accounts disabled and enabled, roles given and taken.
3. `token` prints the token and nothing else; it is narrower than its owner.
4. What is mistyped is refused with the closest name, and changes nothing.
5. `explain` names the line of YAML that decides.
"""

from __future__ import annotations

import datetime
import getpass
import re

import sqlalchemy as sa

from runtime.cli.passwords import generated
from runtime.identity.passwords import Passwords, Profile
from runtime.identity.tokens import Tokens
from runtime.store import system
from runtime.store.database import Store
from tests.runtime.cli.conftest import Cli


def _rows(cli: Cli, statement: sa.Select[object]) -> list[object]:
    store = Store.open(cli.url)
    with store.read() as connection:
        found = list(connection.execute(statement).all())
    store.close()
    return found


def _add(cli: Cli, login: str, role: str = "nurse", clinic: str = "XH") -> str:
    """Add a user; returns the password that was shown."""
    output = cli("user", "add", login, "--name", "林静", "--role", role, "--clinic", clinic).output
    shown = re.search(r"password \(shown this once\): (\S+)", output)
    assert shown is not None
    return shown[1]


def test_added_user_can_sign_in_and_is_audited(cli: Cli) -> None:
    """Requirement 1."""
    password = _add(cli, "lin")
    [(stored,)] = _rows(cli, sa.select(system.user.c.password).where(system.user.c.login == "lin"))
    assert Passwords().verify(stored, password) and not Passwords().verify(stored, password + "x")
    audit = system.audit.c
    made = _rows(cli, sa.select(audit.action, audit.actor).where(audit.action.in_(["create_account", "grant_role"])))
    assert {action for action, _ in made} == {"create_account", "grant_role"}
    assert {actor for _, actor in made} == {f"system:{getpass.getuser()}"}
    listed = cli("user", "list").output
    assert re.search(r"lin +林静 +nurse \(徐汇店\)", listed)
    assert password not in listed


def test_password_can_be_read_from_standard_input(sqlite_cli: Cli) -> None:
    """Requirement 2: nothing secret stands in the list of processes; weak ones are refused and keep the old one."""
    cli = sqlite_cli
    old = _add(cli, "lin")
    assert "at least 12" in cli("user", "password", "lin", "--stdin", code=1, typed="short\n").output
    statement = sa.select(system.user.c.password)
    assert Passwords().verify(_rows(cli, statement)[0][0], old)
    cli("user", "password", "lin", "--stdin", typed="correct horse battery\n")
    assert Passwords().verify(_rows(cli, statement)[0][0], "correct horse battery")


def test_disable_and_enable(sqlite_cli: Cli) -> None:
    """Requirement 2."""
    cli = sqlite_cli
    _add(cli, "lin")
    cli("user", "disable", "lin")
    assert "disabled" in cli("user", "list").output
    assert "the user 'lin' is disabled" in cli("user", "disable", "lin", "--as", "lin", code=1).output
    cli("user", "enable", "lin")
    assert "disabled" not in cli("user", "list").output


def test_roles_are_given_and_taken(sqlite_cli: Cli) -> None:
    """Requirement 2: with their clinics and days."""
    cli = sqlite_cli
    _add(cli, "lin")
    output = cli("user", "roles", "lin", "--add", "reception", "PD", "--until", "2030-01-31").output
    assert re.search(r"reception +浦东店 +2030-01-31", output)
    output = cli("user", "roles", "lin", "--remove", "nurse", "XH").output
    assert "nurse" not in output and "reception" in output
    assert "does not hold" in cli("user", "roles", "lin", "--remove", "nurse", "XH", code=1).output


def test_token_is_printed_alone_and_is_narrow(cli: Cli) -> None:
    """Requirement 3."""
    _add(cli, "lin")
    output = cli("token", "lin", "--objects", "patient", "--actions", "read", "--clinics", "XH", "--days", "7").output
    assert re.fullmatch(r"cw_[\w-]{43}\n", output)
    store = Store.open(cli.url)
    now = datetime.datetime.now(datetime.UTC)
    tokens = Tokens(store, lambda: "")
    with store.read() as connection:
        found = tokens.find(connection, output.strip(), now)
        late = tokens.find(connection, output.strip(), now + datetime.timedelta(days=8))
    store.close()
    assert found is not None and found.scope.objects == {"core:patient"} and found.scope.actions == {"read"}
    assert found.scope.clinics is not None and len(found.scope.clinics) == 1
    assert late is None
    assert _rows(cli, sa.select(system.audit.c.id).where(system.audit.c.action == "issue_token"))


MISTAKES = [
    (("user", "password", "lim"), "there is no user 'lim'. Did you mean 'lin'?"),
    (("user", "add", "x2", "--name", "X", "--role", "nurze", "--clinic", "XH"), "there is no role 'nurze'. Did you mean 'nurse'?"),
    (("user", "add", "x2", "--name", "X", "--role", "nurse", "--clinic", "XX"), "there is no clinic 'XX'."),
    (("user", "add", "-", "--name", "X"), "cannot be a login"),
    (("user", "add", "lin", "--name", "X"), "somebody else has the login 'lin'"),
    (("token", "lin", "--objects", "patiens"), "there is no object 'patiens'. Did you mean 'patient'?"),
    (("token", "lin", "--actions", "reed"), "'reed' is not an action. Did you mean 'read'?"),
    (("explain", "lin", "read", "0" * 32), "there is no record"),
]


def test_mistakes_are_told_and_change_nothing(sqlite_cli: Cli) -> None:
    """Requirement 4."""
    cli = sqlite_cli
    _add(cli, "lin")
    statement = sa.select(sa.func.count()).select_from(system.audit)
    before = _rows(cli, statement)
    for args, told in MISTAKES:
        assert told in cli(*args, code=1).output, args
    assert _rows(cli, statement) == before


def test_roles_and_clinics_come_in_pairs(sqlite_cli: Cli) -> None:
    """Requirement 4: wrong use exits 2."""
    cli = sqlite_cli
    assert "one --clinic for each --role" in cli("user", "add", "x2", "--name", "X", "--role", "nurse", code=2).output


def test_explain_names_the_line(sqlite_cli: Cli) -> None:
    """Requirement 5: the clinic of the example is read by every nurse, changed by none."""
    cli = sqlite_cli
    _add(cli, "lin")
    output = cli("user", "roles", "lin", "--add", "manager", "PD").output
    assert "manager" in output
    store = Store.open(cli.url)
    table = store.release().tables.object("clinic")
    with store.read() as connection:
        clinic = connection.scalar(sa.select(table.column("id")).where(table.column("code") == "XH"))
    store.close()
    read = cli("explain", "lin", "read", clinic).output
    assert read.startswith("allowed: granted by core:") and re.search(r"core/roles/\w+\.yaml:\d+:\d+", read)
    assert cli("explain", "lin", "delete", f"clinic/{clinic}").output.startswith("refused: no grant")
    assert "built-in account" in cli("explain", "system", "delete", clinic).output
    assert "Did you mean 'update'" in cli("explain", "lin", "updat", clinic, code=1).output


def test_generated_passwords_are_good_for_every_profile() -> None:
    """Requirement 1: three kinds of characters, long enough, never twice."""
    made = {generated() for _ in range(50)}
    assert len(made) == 50
    strict = Passwords(Profile.DENGBAO)
    assert all(strict.problems(password, ("lin",)) == () for password in made)
