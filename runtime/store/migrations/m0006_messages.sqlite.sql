CREATE TABLE cw_message (
    id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    message TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    subject_id TEXT,
    clinic_id TEXT,
    to_object TEXT NOT NULL,
    to_id TEXT NOT NULL,
    cause TEXT NOT NULL,
    channel TEXT,
    language TEXT,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    doubtful BOOLEAN NOT NULL,
    tried TEXT NOT NULL,
    link_id TEXT,
    release TEXT NOT NULL,
    queued_at TEXT NOT NULL,
    held_until TEXT,
    sent_at TEXT,
    read_at TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_message_key UNIQUE ("key"),
    CONSTRAINT cw_message_state CHECK (state IN ('queued', 'held', 'doubtful', 'sent', 'failed', 'refused'))
);

CREATE INDEX cw_message_inbox ON cw_message (to_id, id) WHERE channel = 'inbox';

CREATE INDEX cw_message_record ON cw_message (record_id, id);

CREATE INDEX cw_message_subject ON cw_message (subject_id, id);

CREATE INDEX cw_message_to ON cw_message (to_id, id);

CREATE INDEX cw_message_unread ON cw_message (to_id, id) WHERE channel = 'inbox' AND read_at IS NULL;
