"""`carework explain`: why a user may or may not do something with a record, with the line of YAML that decides."""

from __future__ import annotations

import click
import sqlalchemy as sa

from engine.problems import suggest
from runtime.access.access import actions_of
from runtime.access.explain import Reason, explain
from runtime.cli.context import now, open_store, system_account, the_actor
from runtime.store import system
from runtime.store.compiled import Release
from runtime.store.database import Store

__all__ = ["explain_command"]


@click.command("explain")
@click.argument("user")
@click.argument("action")
@click.argument("record")
@click.option("--field", default="", help="Explain how this field is seen.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
def explain_command(user: str, action: str, record: str, field: str, language: str) -> None:
    """Say whether USER may do ACTION with RECORD and which line of which file decides.

    ACTION is create, read, update, delete, export or a transition; RECORD is an id, or OBJECT/ID. The answer is the Casbin
    enforcer's. Exit code 1 when there is no such user, action, record or field.
    """
    with open_store() as store:
        release = store.release()
        actor = system_account(store) if user == "system" else the_actor(store, user)
        object_name, id = _record(store, release, record)
        object = release.model.objects[object_name]
        if action not in actions_of(release.model, object):
            known = sorted(actions_of(release.model, object))
            raise click.ClickException(
                f"'{action}' is not an action on {object_name}.{suggest(action, known)} Known: {', '.join(known)}")
        if field and field not in object.fields:
            raise click.ClickException(f"{object_name} has no field '{field}'.{suggest(field, object.fields)}")
        with store.read() as connection:
            found = explain(connection, release, actor, action, object_name, id, field=field, now=now())
    if found.reason is Reason.NO_RECORD:
        raise click.ClickException(f"there is no {object_name} {id}")
    click.echo(found.text(language))


def _record(store: Store, release: Release, record: str) -> tuple[str, str]:
    """The object's name and the id; ids are unique across objects, so the history tells whose a bare one is."""
    named, _, id = record.rpartition("/")
    if named:
        if named not in release.model.objects:
            raise click.ClickException(f"there is no object '{named}'.{suggest(named, release.model.objects)}")
        return named, id
    history = system.history
    with store.read() as connection:
        owner = connection.scalar(sa.select(history.c.object).where(history.c.record_id == id).limit(1))
    name = next((object.name for object in release.model.objects.values() if object.id == owner), None)
    if name is None:
        raise click.ClickException(f"there is no record {id}; write its id of 32 digits, or OBJECT/ID")
    return name, id
