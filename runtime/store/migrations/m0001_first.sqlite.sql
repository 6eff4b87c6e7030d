CREATE TABLE cw_attachment (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    record_id TEXT,
    field TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX cw_attachment_record ON cw_attachment (record_id);

CREATE TABLE cw_audit (
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    acting_for TEXT,
    action TEXT NOT NULL,
    object TEXT,
    record_id TEXT,
    clinic_id TEXT,
    subject_id TEXT,
    release TEXT,
    request_id TEXT,
    outcome TEXT NOT NULL,
    detail TEXT,
    digest TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX cw_audit_actor ON cw_audit (actor, id);

CREATE INDEX cw_audit_record ON cw_audit (record_id, id);

CREATE TABLE cw_deleted (
    record_id TEXT NOT NULL,
    object TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "row" TEXT NOT NULL,
    clinics TEXT NOT NULL,
    subjects TEXT NOT NULL,
    PRIMARY KEY (record_id)
);

CREATE INDEX cw_deleted_object ON cw_deleted (object, record_id);

CREATE TABLE cw_history (
    id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    object TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    action TEXT NOT NULL,
    release TEXT NOT NULL,
    changes TEXT,
    reason TEXT,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX cw_history_record ON cw_history (record_id, version);

CREATE TABLE cw_idempotency (
    user_id TEXT NOT NULL,
    route TEXT NOT NULL,
    "key" TEXT NOT NULL,
    digest TEXT NOT NULL,
    status INTEGER,
    response BLOB,
    at TEXT NOT NULL,
    PRIMARY KEY (user_id, route, "key")
);

CREATE INDEX cw_idempotency_at ON cw_idempotency (at);

CREATE TABLE cw_process (
    id TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    release TEXT,
    prepared TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE cw_record_clinic (
    record_id TEXT NOT NULL,
    clinic_id TEXT NOT NULL,
    object TEXT NOT NULL,
    from_date DATE,
    until_date DATE,
    first BOOLEAN DEFAULT 0 NOT NULL,
    PRIMARY KEY (record_id, clinic_id)
)
 WITHOUT ROWID;

CREATE INDEX cw_record_clinic_clinic ON cw_record_clinic (clinic_id, object, record_id);

CREATE TABLE cw_record_subject (
    record_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (record_id, place)
)
 WITHOUT ROWID;

CREATE INDEX cw_record_subject_subject ON cw_record_subject (subject_id, object, record_id);

CREATE TABLE cw_release (
    hash TEXT NOT NULL,
    base TEXT,
    layout TEXT NOT NULL,
    plugins TEXT,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    published_at TEXT,
    PRIMARY KEY (hash),
    CONSTRAINT cw_release_state CHECK (state IN ('candidate', 'published'))
);

CREATE TABLE cw_sequence (
    field TEXT NOT NULL,
    scope TEXT NOT NULL,
    period TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (field, scope, period)
);

CREATE TABLE cw_setting (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE cw_user (
    id TEXT NOT NULL,
    login TEXT NOT NULL,
    password TEXT,
    password_at TEXT,
    language TEXT,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    failed INTEGER DEFAULT '0' NOT NULL,
    locked_until TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_user_login UNIQUE (login),
    CONSTRAINT cw_user_login_lower CHECK (login = lower(login))
);

CREATE TABLE cw_attachment_chunk (
    attachment_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (attachment_id, n),
    FOREIGN KEY(attachment_id) REFERENCES cw_attachment (id) ON DELETE CASCADE
);

CREATE TABLE cw_live_release (
    id INTEGER NOT NULL,
    hash TEXT,
    generation INTEGER NOT NULL,
    flipped_at TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_live_release_one CHECK (id = 1),
    FOREIGN KEY(hash) REFERENCES cw_release (hash)
);

CREATE TABLE cw_membership (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    clinic_id TEXT,
    from_date DATE,
    until_date DATE,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_membership_clinic ON cw_membership (clinic_id);

CREATE INDEX cw_membership_user ON cw_membership (user_id);

CREATE TABLE cw_release_file (
    release TEXT NOT NULL,
    path TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (release, path),
    FOREIGN KEY(release) REFERENCES cw_release (hash) ON DELETE CASCADE
);

CREATE TABLE cw_session (
    token_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    address TEXT,
    agent TEXT,
    state TEXT,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_session_expires ON cw_session (expires_at);

CREATE INDEX cw_session_user ON cw_session (user_id);

CREATE TABLE cw_token (
    id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    label TEXT NOT NULL,
    scope TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    last_used_at TEXT,
    revoked_at TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_token_hash UNIQUE (token_hash),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_token_user ON cw_token (user_id);
