CREATE TABLE cw_draft (
    id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    form TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    release TEXT COLLATE "C" NOT NULL,
    version INTEGER,
    inputs TEXT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);

CREATE INDEX cw_draft_place ON cw_draft (user_id, object, record_id, form, step, saved_at);

CREATE INDEX cw_draft_saved ON cw_draft (saved_at);
