CREATE TABLE cw_draft (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    form TEXT NOT NULL,
    step TEXT NOT NULL,
    "release" TEXT NOT NULL,
    version INTEGER,
    inputs TEXT NOT NULL,
    began_at TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_draft_place ON cw_draft (user_id, object, record_id, form, step, saved_at);

CREATE INDEX cw_draft_saved ON cw_draft (saved_at);
