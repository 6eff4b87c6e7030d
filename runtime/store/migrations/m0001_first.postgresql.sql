CREATE TABLE cw_attachment (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C",
    field TEXT COLLATE "C",
    PRIMARY KEY (id)
);

CREATE INDEX cw_attachment_record ON cw_attachment (record_id);

CREATE TABLE cw_audit (
    id TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    acting_for TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C",
    record_id TEXT COLLATE "C",
    clinic_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    release TEXT COLLATE "C",
    request_id TEXT COLLATE "C",
    outcome TEXT COLLATE "C" NOT NULL,
    detail TEXT,
    digest TEXT COLLATE "C",
    PRIMARY KEY (id)
);

CREATE INDEX cw_audit_actor ON cw_audit (actor, id);

CREATE INDEX cw_audit_record ON cw_audit (record_id, id);

CREATE TABLE cw_deleted (
    record_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    row TEXT NOT NULL,
    clinics TEXT NOT NULL,
    subjects TEXT NOT NULL,
    PRIMARY KEY (record_id)
);

CREATE INDEX cw_deleted_object ON cw_deleted (object, record_id);

CREATE TABLE cw_history (
    id TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    release TEXT COLLATE "C" NOT NULL,
    changes TEXT,
    reason TEXT COLLATE "C",
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX cw_history_record ON cw_history (record_id, version);

CREATE TABLE cw_idempotency (
    user_id TEXT COLLATE "C" NOT NULL,
    route TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    status INTEGER,
    response BYTEA,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (user_id, route, key)
);

CREATE INDEX cw_idempotency_at ON cw_idempotency (at);

CREATE TABLE cw_process (
    id TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    pid INTEGER NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    release TEXT COLLATE "C",
    prepared TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE cw_record_clinic (
    record_id TEXT COLLATE "C" NOT NULL,
    clinic_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    from_date DATE,
    until_date DATE,
    first BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (record_id, clinic_id)
);

CREATE INDEX cw_record_clinic_clinic ON cw_record_clinic (clinic_id, object, record_id);

CREATE TABLE cw_record_subject (
    record_id TEXT COLLATE "C" NOT NULL,
    place INTEGER NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (record_id, place)
);

CREATE INDEX cw_record_subject_subject ON cw_record_subject (subject_id, object, record_id);

CREATE TABLE cw_release (
    hash TEXT COLLATE "C" NOT NULL,
    base TEXT COLLATE "C",
    layout TEXT NOT NULL,
    plugins TEXT,
    state TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (hash),
    CONSTRAINT cw_release_state CHECK (state IN ('candidate', 'published'))
);

CREATE TABLE cw_sequence (
    field TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (field, scope, period)
);

CREATE TABLE cw_setting (
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE cw_user (
    id TEXT COLLATE "C" NOT NULL,
    login TEXT COLLATE "C" NOT NULL,
    password TEXT COLLATE "C",
    password_at TIMESTAMP WITH TIME ZONE,
    language TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    failed INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT cw_user_login UNIQUE (login),
    CONSTRAINT cw_user_login_lower CHECK (login = lower(login))
);

CREATE TABLE cw_attachment_chunk (
    attachment_id TEXT COLLATE "C" NOT NULL,
    n INTEGER NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (attachment_id, n),
    FOREIGN KEY(attachment_id) REFERENCES cw_attachment (id) ON DELETE CASCADE
);

CREATE TABLE cw_live_release (
    id INTEGER NOT NULL,
    hash TEXT COLLATE "C",
    generation INTEGER NOT NULL,
    flipped_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT cw_live_release_one CHECK (id = 1),
    FOREIGN KEY(hash) REFERENCES cw_release (hash)
);

CREATE TABLE cw_membership (
    id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    clinic_id TEXT COLLATE "C",
    from_date DATE,
    until_date DATE,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_membership_clinic ON cw_membership (clinic_id);

CREATE INDEX cw_membership_user ON cw_membership (user_id);

CREATE TABLE cw_release_file (
    release TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (release, path),
    FOREIGN KEY(release) REFERENCES cw_release (hash) ON DELETE CASCADE
);

CREATE TABLE cw_session (
    token_hash TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    address TEXT COLLATE "C",
    agent TEXT COLLATE "C",
    state TEXT,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_session_expires ON cw_session (expires_at);

CREATE INDEX cw_session_user ON cw_session (user_id);

CREATE TABLE cw_token (
    id TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    scope TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT cw_token_hash UNIQUE (token_hash),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_token_user ON cw_token (user_id);
