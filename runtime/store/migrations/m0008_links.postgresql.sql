CREATE TABLE cw_link (
    id TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    transition TEXT COLLATE "C",
    object TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    clinic_id TEXT COLLATE "C",
    message_id TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT COLLATE "C",
    PRIMARY KEY (id),
    CONSTRAINT cw_link_token_hash UNIQUE (token_hash)
);

CREATE INDEX cw_link_record ON cw_link (record_id, id);
