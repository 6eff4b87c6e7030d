"""`carework user` and `token`: accounts, their roles and their tokens, through `runtime.identity` alone."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from engine.problems import suggest
from runtime.cli.context import as_option, clinic_id, new_ids, now, open_store, records_of, settings, the_actor, user_id
from runtime.cli.passwords import typed_or_generated
from runtime.cli.tables import print_table
from runtime.identity.accounts import Accounts
from runtime.identity.actor import Actor, TokenScope
from runtime.identity.passwords import Passwords, Profile
from runtime.identity.tokens import Tokens
from runtime.records.commands import Create, RequestInfo
from runtime.records.outcomes import Refused
from runtime.store.compiled import Release
from runtime.store.database import Store

if TYPE_CHECKING:
    from engine.model import Role

__all__ = ["accounts_of", "role_of", "token_command", "user_command"]

_DAYS = ("from_date", "until_date")

_Command = Callable[..., object]


def accounts_of(store: Store) -> Accounts:
    """The accounts with the installation's rules for passwords."""
    return Accounts(store, _passwords(settings().password_profile), new_ids())


@functools.cache
def _passwords(profile: str) -> Passwords:
    """Made once: it hashes a password of nobody, which takes its time."""
    return Passwords(Profile(profile))


def role_of(release: Release, name: str) -> Role:
    """A role by its name. Raises ClickException with the closest one."""
    role = release.model.roles.get(name)
    if role is None:
        known = ", ".join(sorted(release.model.roles))
        raise click.ClickException(f"there is no role '{name}'.{suggest(name, release.model.roles)} Known: {known}")
    return role


def _password_options(command: _Command) -> _Command:
    command = click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")(command)
    return click.option("--stdin", "from_stdin", is_flag=True, help="Read the password from standard input.")(command)


@click.group("user")
def user_command() -> None:
    """People who sign in: their accounts, passwords and roles."""


@user_command.command("add")
@click.argument("login")
@click.option("--name", help="The person's name; a new record is made for her.")
@click.option("--record", metavar="ID", help="The id of the person's record, where there is one.")
@click.option("--role", "roles", multiple=True, help="A role; give one --clinic for each, in the same order.")
@click.option("--clinic", "clinics", multiple=True, metavar="CODE", help="The clinic of the role before it; 'all' for every clinic.")
@click.option("--language", default="", help="The language of her screens, e.g. zh.")
@_password_options
@as_option
def add_user(
    login: str, name: str | None, record: str | None, roles: tuple[str, ...], clinics: tuple[str, ...], language: str,
    ask: bool, from_stdin: bool, as_user: str | None,
) -> None:
    """Let a person sign in as LOGIN. Without --ask or --stdin a password is made and shown once."""
    if bool(name) == bool(record):
        raise click.UsageError("give --name for a new person, or --record for one who has a record")
    if len(roles) != len(clinics):
        raise click.UsageError("give one --clinic for each --role, in the same order; --clinic all means every clinic")
    with open_store() as store:
        actor, release = the_actor(store, as_user), store.release()
        wanted = [(role_of(release, role), None if code == "all" else clinic_id(store, release, code))
                  for role, code in zip(roles, clinics, strict=True)]
        password, made = typed_or_generated(ask=ask, from_stdin=from_stdin)
        accounts = accounts_of(store)
        _refuse_early(store, login, password)
        id = record or _new_person(store, release, actor, str(name))
        accounts.create(actor, release, id, login, now(), password=password, language=language)
        for role, clinic in wanted:
            accounts.grant(actor, release, id, role.name, clinic, now())
    click.echo(f"added {login}")
    if made:
        click.echo(f"password (shown this once): {password}")


def _refuse_early(store: Store, login: str, password: str) -> None:
    """What would be refused after the person's record has been made is refused before."""
    from runtime.identity.accounts import LOGIN, IdentityError

    wanted = login.strip().casefold()
    if LOGIN.fullmatch(wanted) is None:
        raise IdentityError("login_invalid", login=login)
    problems = _passwords(settings().password_profile).problems(password, (wanted,))
    if problems:
        raise IdentityError(problems[0])
    with store.read() as connection:
        taken = any(user["login"] == wanted for user in accounts_of(store).users(connection))
    if taken:
        raise IdentityError("login_taken", login=wanted)


def _new_person(store: Store, release: Release, actor: Actor, name: str) -> str:
    """A new record of the account object; its title's first field takes the name."""
    account = release.model.account
    if account is None:
        raise click.ClickException("the definitions have no object of people who sign in (account: true)")
    field = "name" if "name" in account.fields else next((f.name for f in account.fields.values() if f.type.name == "text"), "")
    outcome = records_of(store).execute(
        [Create(account.name, {field: name})], actor, release=release, request=RequestInfo(channel="cli"))[0]
    if isinstance(outcome, Refused):
        why = "; ".join(f"{error.field}: {error.message}" for error in outcome.errors) or outcome.message
        raise click.ClickException(f"the person's record is refused: {why}. Make it on the screens and give --record ID")
    return outcome.id


@user_command.command("password")
@click.argument("login")
@_password_options
@as_option
def set_password(login: str, ask: bool, from_stdin: bool, as_user: str | None) -> None:
    """Set a new password for LOGIN and end all sessions. Without --ask or --stdin one is made and shown once."""
    with open_store() as store:
        actor, id = the_actor(store, as_user), user_id(store, login)
        password, made = typed_or_generated(ask=ask, from_stdin=from_stdin)
        accounts_of(store).set_password(actor, store.release(), id, password, now())
    click.echo(f"password (shown this once): {password}" if made else "the password is set")


@user_command.command("disable")
@click.argument("login")
@as_option
def disable_user(login: str, as_user: str | None) -> None:
    """Keep LOGIN from signing in; sessions and tokens end at once. Records and history stay."""
    with open_store() as store:
        accounts_of(store).disable(the_actor(store, as_user), store.release(), user_id(store, login), now())
    click.echo(f"disabled {login}")


@user_command.command("enable")
@click.argument("login")
@as_option
def enable_user(login: str, as_user: str | None) -> None:
    """Let LOGIN sign in again."""
    with open_store() as store:
        accounts_of(store).enable(the_actor(store, as_user), store.release(), user_id(store, login), now())
    click.echo(f"enabled {login}")


@user_command.command("roles")
@click.argument("login")
@click.option("--add", nargs=2, multiple=True, metavar="ROLE CLINIC", help="Give a role in a clinic ('all' for every clinic).")
@click.option("--remove", nargs=2, multiple=True, metavar="ROLE CLINIC", help="Take a role away in a clinic.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="The first day of the roles given.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the roles given.")
@as_option
def user_roles(
    login: str, add: tuple[tuple[str, str], ...], remove: tuple[tuple[str, str], ...], since: datetime.datetime | None,
    until: datetime.datetime | None, as_user: str | None,
) -> None:
    """Show the roles of LOGIN, or change them."""
    with open_store() as store:
        actor, release, id = the_actor(store, as_user), store.release(), user_id(store, login)
        accounts = accounts_of(store)
        given = [(role_of(release, role).name, _place(store, release, code)) for role, code in add]
        gone = [_held(store, accounts, id, login, role_of(release, role), _place(store, release, code)) for role, code in remove]
        for role, clinic in given:
            accounts.grant(actor, release, id, role, clinic, now(),
                           since=since.date() if since else None, until=until.date() if until else None)
        for membership in (one for several in gone for one in several):
            accounts.revoke(actor, release, membership, now())
        with store.read() as connection:
            held = accounts.memberships(connection, id)
        print_table(("role", "clinic", "from", "until"), [
            (_role_name(release, m["role"]), _clinic_name(store, release, m["clinic_id"]), *(str(m[day] or "") for day in _DAYS))
            for m in held])


def _place(store: Store, release: Release, code: str) -> str | None:
    return None if code == "all" else clinic_id(store, release, code)


def _held(store: Store, accounts: Accounts, id: str, login: str, role: Role, clinic: str | None) -> list[str]:
    with store.read() as connection:
        found = [m["id"] for m in accounts.memberships(connection, id) if m["role"] == role.id and m["clinic_id"] == clinic]
    if not found:
        raise click.ClickException(f"{login} does not hold the role '{role.name}' there; see `carework user roles {login}`")
    return found


def _role_name(release: Release, id: str) -> str:
    return next((role.name for role in release.model.roles.values() if role.id == id), id)


def _clinic_name(store: Store, release: Release, id: str | None) -> str:
    if id is None:
        return "all"
    from runtime.cli.names import titles

    return titles(store, release, [id]).get(id, id)


@user_command.command("list")
def list_users() -> None:
    """Show every account with its roles."""
    from runtime.cli.names import titles

    with open_store() as store:
        release, accounts = store.release(), accounts_of(store)
        with store.read() as connection:
            users = accounts.users(connection)
            held = {user["id"]: accounts.memberships(connection, user["id"]) for user in users}
        names = titles(store, release, [*held, *(m["clinic_id"] for several in held.values() for m in several if m["clinic_id"])])
        print_table(("login", "person", "roles", "state"), [
            (u["login"], names.get(u["id"], ""), ", ".join(_membership(release, names, m) for m in held[u["id"]]),
             "disabled" if u["disabled_at"] else "")
            for u in users])


def _membership(release: Release, names: dict[str, str], membership: dict[str, Any]) -> str:
    clinic = membership["clinic_id"]
    return f"{_role_name(release, membership['role'])} ({names.get(clinic, clinic) if clinic else 'all'})"


@click.command("token")
@click.argument("user")
@click.option("--objects", help="Names of objects, with commas between; the token works on no other.")
@click.option("--actions", help="Actions such as read,create,update or names of transitions; it may do nothing else.")
@click.option("--clinics", metavar="CODES", help="Codes of clinics; it reaches no other.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650), help="How long it is good for.")
@click.option("--label", default="command line", show_default=True, help="What it is for.")
@as_option
def token_command(
    user: str, objects: str | None, actions: str | None, clinics: str | None, days: int, label: str, as_user: str | None,
) -> None:
    """Make a token of USER for the API and print it, and nothing else. It may never do more than USER may."""
    with open_store() as store:
        release, id = store.release(), user_id(store, user)
        if as_user is not None and user_id(store, as_user) != id:
            raise click.ClickException("a user makes tokens of her own alone")
        scope = TokenScope(
            _names(objects, lambda name: _object_id(release, name)), _names(actions, lambda name: _action(release, name)),
            _names(clinics, lambda code: clinic_id(store, release, code)))
        moment = now()
        token, secret = Tokens(store, new_ids()).issue(
            id, moment, label=label, scope=scope, expires_at=moment + datetime.timedelta(days=days))
        _note_token(store, release, the_actor(store, as_user), id, token)
    click.echo(secret)


def _names(text: str | None, known: Callable[[str], str]) -> frozenset[str] | None:
    """The words of an option, each checked; None without the option, which leaves that side as wide as the owner."""
    return None if text is None else frozenset(known(word) for word in re.split(r"[,\s]+", text.strip()) if word)


def _object_id(release: Release, name: str) -> str:
    found = release.model.objects.get(name)
    if found is None:
        raise click.ClickException(f"there is no object '{name}'.{suggest(name, release.model.objects)}")
    return found.id


def _action(release: Release, name: str) -> str:
    known = {"create", "read", "update", "delete", "export", "design", "grant", "audit", "operate"}
    known |= {transition for workflow in release.model.workflows.values() for transition in workflow.transitions}
    if name not in known:
        raise click.ClickException(f"'{name}' is not an action.{suggest(name, sorted(known))}")
    return name


def _note_token(store: Store, release: Release, actor: Actor, user: str, token: str) -> None:
    import sqlalchemy as sa

    from runtime.store import system

    with store.write() as connection:
        connection.execute(sa.insert(system.audit).values(
            id=new_ids()(), at=now(), actor=actor.id, action="issue_token", record_id=user, release=release.hash, outcome="done",
            detail={"token": token}))
