CREATE TABLE cw_link (
    id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    form TEXT NOT NULL,
    transition TEXT,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    subject_id TEXT,
    clinic_id TEXT,
    message_id TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    opened_at TEXT,
    used_at TEXT,
    revoked_at TEXT,
    revoked_by TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_link_token_hash UNIQUE (token_hash)
);

CREATE INDEX cw_link_record ON cw_link (record_id, id);
