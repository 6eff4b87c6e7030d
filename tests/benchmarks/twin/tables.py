"""The tables as this application sees them."""

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

__all__ = ["audit", "clinic", "contact", "history", "member", "membership", "patient", "session", "setting", "staff", "stay", "subject", "task",
           "team", "token", "user", "view"]

metadata = sa.MetaData()


class Instant(TypeDecorator[datetime.datetime]):
    """TIMESTAMPTZ on PostgreSQL, text ending in Z on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.TIMESTAMP(timezone=True) if dialect.name == "postgresql" else sa.Text())

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "postgresql":
            return None
        return lambda value: None if value is None else value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        if dialect.name == "postgresql":
            return None
        return lambda value: None if value is None else datetime.datetime.fromisoformat(value)


def _table(name: str, *columns: str | sa.Column[Any]) -> sa.Table:
    return sa.Table(name, metadata, *(sa.Column(c, sa.Text) if isinstance(c, str) else c for c in columns))


def _own(name: str, *columns: str | sa.Column[Any]) -> sa.Table:
    return _table(
        name, "id", sa.Column("version", sa.Integer), "clinic_id", "subject_id", sa.Column("created_at", Instant), "created_by",
        sa.Column("updated_at", Instant), "updated_by", *columns,
    )


clinic = _own("o_clinic", "name")
staff = _own("o_staff", "name")
team = _own("o_team", "name")
member = _own("o_team_member", "team", "member")
patient = _own(
    "o_patient", "name", "team", "number", "sex", sa.Column("birth_date", sa.Date), "phone", "city", "doctor", "source",
)
task = _own(
    "o_followup_task", "patient", "step", sa.Column("due", sa.Date), "channel", "priority", "assignee", "treatment",
    sa.Column("pain", sa.Integer), "outcome", "contact_phone", "contact_email", "status",
)
contact = _own("o_contact_log", "patient", sa.Column("happened_at", Instant), "channel", "direction", "by", "task", "summary")
stay = _table(
    "cw_record_clinic", "record_id", "clinic_id", sa.Column("from_date", sa.Date), sa.Column("until_date", sa.Date),
    sa.Column("first", sa.Boolean),
)
subject = _table("cw_record_subject", "record_id", sa.Column("place", sa.Integer), "subject_id", "object")
user = _table("cw_user", "id", "login", "language", sa.Column("disabled_at", Instant))
membership = _table("cw_membership", "id", "user_id", "role", "clinic_id", sa.Column("from_date", sa.Date), sa.Column("until_date", sa.Date))
session = _table(
    "cw_session", "token_hash", "user_id", sa.Column("created_at", Instant), sa.Column("seen_at", Instant), sa.Column("expires_at", Instant),
)
token = _table(
    "cw_token", "id", "token_hash", "user_id", sa.Column("expires_at", Instant), sa.Column("last_used_at", Instant),
    sa.Column("revoked_at", Instant),
)
setting = _table("cw_setting", "name", "value")
history = _table(
    "cw_history", "id", "record_id", "object", sa.Column("version", sa.Integer), sa.Column("at", Instant), "by", "action", "release",
    "changes", "reason",
)
audit = _table(
    "cw_audit", "id", sa.Column("at", Instant), "actor", "action", "object", "record_id", "clinic_id", "subject_id", "release",
    "request_id", "outcome", "detail", "digest",
)
view = _table("cw_view", "id", sa.Column("at", Instant), "actor", "kind", "object", "request_id", "release", "ids", "detail")
