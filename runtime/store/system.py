"""The runtime's own tables, as this version of the program uses them; `migrations/` makes them.

Ids are 32 hex digits, instants `Instant`, JSON is text. Every table of the main store is in `metadata`, the tables of the
audit store in `audit_metadata` (a file of its own on SQLite, the same database on PostgreSQL).
"""

from __future__ import annotations

import sqlalchemy as sa

from runtime.store.columns import CODE_POINT_TEXT, Grams, Instant, JsonText

__all__ = [
    "attachment", "attachment_chunk", "audit", "audit_metadata", "deleted", "draft", "design_draft", "design_edit", "design_file",
    "enrolment", "enrolment_step", "history", "idempotency",
    "job", "link", "live_release", "membership", "message", "metadata", "plan_met", "process", "recompute",
    "record_clinic", "record_subject", "release", "release_file", "saved_view", "search", "search_index", "sequence",
    "session", "setting", "token", "user", "view",
]

metadata = sa.MetaData()
audit_metadata = sa.MetaData()


def _text(name: str, *, null: bool = False, key: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, CODE_POINT_TEXT, primary_key=key, nullable=null, server_default=default)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant(), nullable=null)


def _json(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, JsonText(), nullable=null)


def _user_id() -> sa.Column[str]:
    return sa.Column("user_id", CODE_POINT_TEXT, sa.ForeignKey("cw_user.id", ondelete="CASCADE"), nullable=False)


# Releases: the exact bytes, what they were based on, and the map element -> physical name.
release = sa.Table(
    "cw_release", metadata,
    _text("hash", key=True), _text("base", null=True), _json("layout", null=False), _json("plugins"),
    _text("state"), _at("created_at"), _text("created_by"), _at("published_at", null=True),
    sa.CheckConstraint("state IN ('candidate', 'published')", name="cw_release_state"),
)
release_file = sa.Table(
    "cw_release_file", metadata,
    sa.Column("release", CODE_POINT_TEXT, sa.ForeignKey("cw_release.hash", ondelete="CASCADE"), primary_key=True),
    _text("path", key=True), sa.Column("bytes", sa.LargeBinary, nullable=False),
)
# One row: the pointer that a publish flips, and the fence of every write. `generation` grows with each flip.
live_release = sa.Table(
    "cw_live_release", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", CODE_POINT_TEXT, sa.ForeignKey("cw_release.hash"), nullable=True),
    sa.Column("generation", sa.Integer, nullable=False), _at("flipped_at", null=True),
    sa.CheckConstraint("id = 1", name="cw_live_release_one"),
)
# Processes that serve; a publish waits until the fresh ones have prepared its candidate.
process = sa.Table(
    "cw_process", metadata,
    _text("id", key=True), _text("host"), sa.Column("pid", sa.Integer, nullable=False), _at("started_at"), _at("seen_at"),
    _text("release", null=True), _json("prepared", null=False),
)

# People: a user's id is the id of their account record.
user = sa.Table(
    "cw_user", metadata,
    _text("id", key=True), _text("login"), _text("password", null=True), _at("password_at", null=True),
    _text("language", null=True), _at("created_at"), _at("disabled_at", null=True),
    sa.Column("failed", sa.Integer, nullable=False, server_default="0"), _at("locked_until", null=True),
    sa.UniqueConstraint("login", name="cw_user_login"),
    sa.CheckConstraint("login = lower(login)", name="cw_user_login_lower"),
)
# `role` is the role's element id; no clinic means every clinic of the organisation. The last day counts.
membership = sa.Table(
    "cw_membership", metadata,
    _text("id", key=True), _user_id(), _text("role"), _text("clinic_id", null=True),
    sa.Column("from_date", sa.Date), sa.Column("until_date", sa.Date),
    sa.Index("cw_membership_user", "user_id"), sa.Index("cw_membership_clinic", "clinic_id"),
)
session = sa.Table(
    "cw_session", metadata,
    _text("token_hash", key=True), _user_id(), _at("created_at"), _at("seen_at"), _at("expires_at"),
    _text("address", null=True), _text("agent", null=True), _json("state"),
    sa.Index("cw_session_user", "user_id"), sa.Index("cw_session_expires", "expires_at"),
)
token = sa.Table(
    "cw_token", metadata,
    _text("id", key=True), _text("token_hash"), _user_id(), _text("label"), _json("scope"), _at("created_at"),
    _at("expires_at", null=True), _at("last_used_at", null=True), _at("revoked_at", null=True),
    sa.UniqueConstraint("token_hash", name="cw_token_hash"), sa.Index("cw_token_user", "user_id"),
)

# Whose records: the clinics a record of a `clinics` object is in, and the subjects of every record. The last day counts.
record_clinic = sa.Table(
    "cw_record_clinic", metadata,
    _text("record_id", key=True), _text("clinic_id", key=True), _text("object"),
    sa.Column("from_date", sa.Date), sa.Column("until_date", sa.Date),
    sa.Column("first", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("cw_record_clinic_clinic", "clinic_id", "object", "record_id"),
    sqlite_with_rowid=False,
)
record_subject = sa.Table(
    "cw_record_subject", metadata,
    _text("record_id", key=True), sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    _text("subject_id"), _text("object"),
    sa.Index("cw_record_subject_subject", "subject_id", "object", "record_id"),
    sqlite_with_rowid=False,
)

# What happened to records. `changes` is by element id; `object` is the object's element id.
history = sa.Table(
    "cw_history", metadata,
    _text("id", key=True), _text("record_id"), _text("object"), sa.Column("version", sa.Integer, nullable=False), _at("at"),
    _text("by"), _text("action"), _text("release"), _json("changes"), _text("reason", null=True),
    sa.Index("cw_history_record", "record_id", "version", unique=True),
)
audit = sa.Table(
    "cw_audit", metadata,
    _text("id", key=True), _at("at"), _text("actor"), _text("acting_for", null=True), _text("action"),
    _text("object", null=True), _text("record_id", null=True), _text("clinic_id", null=True), _text("subject_id", null=True),
    _text("release", null=True), _text("request_id", null=True), _text("outcome"), _json("detail"), _text("digest", null=True),
    sa.Index("cw_audit_record", "record_id", "id"), sa.Index("cw_audit_actor", "actor", "id"),
)
deleted = sa.Table(
    "cw_deleted", metadata,
    _text("record_id", key=True), _text("object"), sa.Column("version", sa.Integer, nullable=False), _at("at"), _text("by"),
    _json("row", null=False), _json("clinics", null=False), _json("subjects", null=False),
    sa.Index("cw_deleted_object", "object", "record_id"),
)
# Stored formulas that are still to be computed in all rows that lead along `hops` to the records `causes`. Rows up to the id
# `done_to` are computed; `holder` works on it until `held_until`.
recompute = sa.Table(
    "cw_recompute", metadata,
    _text("id", key=True), _text("object"), _text("field"), _json("hops", null=False), _json("causes", null=False), _text("done_to"),
    _at("at"), _text("holder", null=True), _at("held_until", null=True),
)
# Work that waits for its time: timers and the outbox (`runtime/jobs`). `key` names the one effect, so it is never there twice;
# `holder` works on it until `held_until`, and is another name at each claim. `done_at` is also when it was cancelled.
job = sa.Table(
    "cw_job", metadata,
    _text("id", key=True), _text("kind"), _text("key"), _at("due_at"), _json("payload", null=False),
    _text("object", null=True), _text("record_id", null=True), _text("subject_id", null=True), _text("clinic_id", null=True),
    _text("release"), _text("missed"), _text("merge"), _text("state"), sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False), _text("holder", null=True), _at("held_until", null=True),
    _text("problem", null=True), _at("created_at"), _at("done_at", null=True),
    sa.UniqueConstraint("key", name="cw_job_key"),
    sa.CheckConstraint("state IN ('waiting', 'sending', 'done', 'cancelled', 'aside')", name="cw_job_state"),
    *(sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)) for name, columns, where in (
        ("cw_job_due", ("kind", "due_at", "id"), "state = 'waiting'"),
        ("cw_job_sending", ("kind", "held_until"), "state = 'sending'"),
        ("cw_job_aside", ("kind", "id"), "state = 'aside'"),
        ("cw_job_record", ("record_id", "kind"), "state = 'waiting'"),
        ("cw_job_merge", ("kind", "merge", "due_at"), "state = 'waiting' AND merge <> ''"),
        ("cw_job_done", ("done_at", "id"), "done_at IS NOT NULL"),
    )),
)
# Patients on follow-up plans (`runtime/plans`): which record began which plan, and what became of each time of each step. Ids,
# dates and states alone, but for the reason that somebody gave; `plan` and `step` are element ids, `turn` counts the jobs.
enrolment = sa.Table(
    "cw_enrolment", metadata,
    _text("id", key=True), _text("plan"), _text("object"), _text("record_id"), _text("subject_id", null=True),
    _text("clinic_id", null=True), _text("release"), _text("anchor", null=True), _text("state"),
    sa.Column("turn", sa.Integer, nullable=False), _text("cause"), _at("begun_at"), _text("begun_by"), _at("ended_at", null=True),
    _text("ended_by", null=True), _text("why", null=True), _text("reason", null=True),
    sa.CheckConstraint("state IN ('active', 'finished', 'stopped')", name="cw_enrolment_state"),
    sa.Index("cw_enrolment_record", "record_id", "id"), sa.Index("cw_enrolment_subject", "subject_id", "id"),
    *(sa.Index(name, *columns, unique=unique, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))
      for name, columns, unique in (
        ("cw_enrolment_active", ("record_id", "plan"), True), ("cw_enrolment_under_way", ("plan", "id"), False))),
)
enrolment_step = sa.Table(
    "cw_enrolment_step", metadata,
    sa.Column("enrolment_id", CODE_POINT_TEXT, sa.ForeignKey(
        "cw_enrolment.id", ondelete="CASCADE", name="cw_enrolment_step_enrolment"), primary_key=True),
    _text("step", key=True), sa.Column("n", sa.Integer, primary_key=True, autoincrement=False), _text("state"),
    _at("due_at"), sa.Column("due_date", sa.Date), _at("until", null=True), _text("object", null=True),
    _text("record_id", null=True), _text("why", null=True), _at("settled_at", null=True),
    sa.CheckConstraint(
        "state IN ('planned', 'created', 'done', 'skipped', 'missed', 'stopped')", name="cw_enrolment_step_state"),
    sa.Index("cw_enrolment_step_record", "record_id", unique=True, sqlite_where=sa.text("record_id IS NOT NULL"),
             postgresql_where=sa.text("record_id IS NOT NULL")),
    sqlite_with_rowid=False,
)
# Records that fulfil the condition by which a plan enrols: it enrols those that come to it, not those that stay.
plan_met = sa.Table("cw_plan_met", metadata, _text("record_id", key=True), _text("plan", key=True), sqlite_with_rowid=False)
sequence = sa.Table(
    "cw_sequence", metadata,
    _text("field", key=True), _text("scope", key=True), _text("period", key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

# What was told to whom: ids and states, never a text or an address. `tried` are channels that could not reach her; `doubtful`
# says that it may have been sent twice. For the channel `inbox` the row itself is the delivery, and `read_at` belongs to it.
message = sa.Table(
    "cw_message", metadata,
    _text("id", key=True), _text("key"), _text("message"), _text("object"), _text("record_id"), _text("subject_id", null=True),
    _text("clinic_id", null=True), _text("to_object"), _text("to_id"), _text("cause"), _text("channel", null=True),
    _text("language", null=True), _text("state"), _text("reason"), sa.Column("doubtful", sa.Boolean, nullable=False), _json("tried", null=False),
    _text("link_id", null=True), _text("release"), _at("queued_at"), _at("held_until", null=True), _at("sent_at", null=True),
    _at("read_at", null=True),
    sa.UniqueConstraint("key", name="cw_message_key"),
    sa.CheckConstraint("state IN ('queued', 'held', 'doubtful', 'sent', 'failed', 'refused')", name="cw_message_state"),
    sa.Index("cw_message_record", "record_id", "id"), sa.Index("cw_message_subject", "subject_id", "id"),
    sa.Index("cw_message_to", "to_id", "id"),
    *(sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)) for name, columns, where in (
        ("cw_message_inbox", ("to_id", "id"), "channel = 'inbox'"),
        ("cw_message_unread", ("to_id", "id"), "channel = 'inbox' AND read_at IS NULL"),
    )),
)
# Addresses that let somebody who is not signed in fill one form over one record, once. Only a hash of the address's secret is here.
link = sa.Table(
    "cw_link", metadata,
    _text("id", key=True), _text("token_hash"), _text("form"), _text("transition", null=True), _text("object"), _text("record_id"),
    _text("subject_id", null=True), _text("clinic_id", null=True), _text("message_id", null=True), _at("created_at"), _text("created_by"),
    _at("expires_at"), _at("opened_at", null=True), _at("used_at", null=True), _at("revoked_at", null=True), _text("revoked_by", null=True),
    sa.UniqueConstraint("token_hash", name="cw_link_token_hash"), sa.Index("cw_link_record", "record_id", "id"),
)

attachment = sa.Table(
    "cw_attachment", metadata,
    _text("id", key=True), _text("name"), _text("media_type"), sa.Column("size", sa.BigInteger, nullable=False),
    _text("sha256"), _at("created_at"), _text("created_by"), _text("record_id", null=True), _text("field", null=True),
    sa.Index("cw_attachment_record", "record_id"),
)
attachment_chunk = sa.Table(
    "cw_attachment_chunk", metadata,
    sa.Column("attachment_id", CODE_POINT_TEXT, sa.ForeignKey("cw_attachment.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False), sa.Column("bytes", sa.LargeBinary, nullable=False),
)
# What people typed into forms and have not saved yet: the inputs as they were posted, by name. `object`, `form` and `step` (a
# transition, '' for none) are element ids; `record_id` is '' for a new record, `version` the one that the form was made of.
draft = sa.Table(
    "cw_draft", metadata,
    _text("id", key=True), _user_id(), _text("object"), _text("record_id"), _text("form"), _text("step"), _text("release"),
    sa.Column("version", sa.Integer, nullable=True), _json("inputs", null=False), _at("began_at"), _at("saved_at"),
    sa.Index("cw_draft_place", "user_id", "object", "record_id", "form", "step", "saved_at"), sa.Index("cw_draft_saved", "saved_at"),
)
# Answers given to requests with an Idempotency-Key; `digest` is of the request, so that another request is not taken for it.
idempotency = sa.Table(
    "cw_idempotency", metadata,
    _text("user_id", key=True), _text("route", key=True), _text("key", key=True), _text("digest"),
    sa.Column("status", sa.Integer), sa.Column("response", sa.LargeBinary), _at("at"), _json("headers"),
    sa.Index("cw_idempotency_at", "at"),
)
# Lists as people keep them for themselves: the parameters of the list's address.
saved_view = sa.Table(
    "cw_saved_view", metadata,
    _text("id", key=True), _user_id(), _text("object"), _text("name"), _json("parameters", null=False), _at("at"),
    sa.UniqueConstraint("user_id", "object", "name", name="cw_saved_view_name"),
)

# What the search box finds records by: the grams of each searched field (see `engine.targets.grams`). SQLite's FTS5 index beside it
# (`search_index`, a virtual table that triggers keep) is no table of SQLAlchemy's.
search = sa.Table(
    "cw_search", metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True),
    _text("record_id"), _text("object"), _text("field"), sa.Column("grams", Grams(), nullable=False),
    sa.Index("cw_search_record", "record_id"), sa.Index("cw_search_grams", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
)
search_index = sa.table("cw_search_index", sa.column("rowid", sa.Integer), sa.column("cw_search_index", sa.Text))

# Drafts of definitions (`designer/drafts`): the release they began from, the files that differ from it (no bytes: taken away), and
# the edits in their order; those beyond `position` are undone and can be done again. `pack` is the one that edits write into.
design_draft = sa.Table(
    "cw_design_draft", metadata,
    _text("id", key=True), _text("name"), _text("base"), _text("pack"), _text("state"),
    sa.Column("version", sa.Integer, nullable=False), sa.Column("position", sa.Integer, nullable=False),
    _at("created_at"), _text("created_by"), _at("updated_at"), _text("updated_by"), _text("published", null=True),
    sa.CheckConstraint("state IN ('open', 'published', 'discarded')", name="cw_design_draft_state"),
    sa.Index("cw_design_draft_open", "state", "updated_at"),
)
design_file = sa.Table(
    "cw_design_file", metadata,
    sa.Column("draft_id", CODE_POINT_TEXT, sa.ForeignKey(
        "cw_design_draft.id", ondelete="CASCADE", name="cw_design_file_draft"), primary_key=True),
    _text("path", key=True), sa.Column("bytes", sa.LargeBinary),
)
design_edit = sa.Table(
    "cw_design_edit", metadata,
    sa.Column("draft_id", CODE_POINT_TEXT, sa.ForeignKey(
        "cw_design_draft.id", ondelete="CASCADE", name="cw_design_edit_draft"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False), _text("kind"), _json("said", null=False),
    _json("patch", null=False), _at("at"), _text("by"),
)
setting = sa.Table("cw_setting", metadata, _text("name", key=True), _text("value"))

# The audit store: one entry per page that was looked at, with the ids seen.
view = sa.Table(
    "cw_view", audit_metadata,
    _text("id", key=True), _at("at"), _text("actor"), _text("kind"), _text("object", null=True), _text("request_id", null=True),
    _text("release", null=True), _json("ids"), _json("detail"),
    sa.Index("cw_view_actor", "actor", "id"),
)
