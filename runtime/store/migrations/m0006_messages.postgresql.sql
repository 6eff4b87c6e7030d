CREATE TABLE cw_message (
    id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    clinic_id TEXT COLLATE "C",
    to_object TEXT COLLATE "C" NOT NULL,
    to_id TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C",
    language TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    doubtful BOOLEAN NOT NULL,
    tried TEXT NOT NULL,
    link_id TEXT COLLATE "C",
    release TEXT COLLATE "C" NOT NULL,
    queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    held_until TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    read_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT cw_message_key UNIQUE (key),
    CONSTRAINT cw_message_state CHECK (state IN ('queued', 'held', 'doubtful', 'sent', 'failed', 'refused'))
);

CREATE INDEX cw_message_inbox ON cw_message (to_id, id) WHERE channel = 'inbox';

CREATE INDEX cw_message_record ON cw_message (record_id, id);

CREATE INDEX cw_message_subject ON cw_message (subject_id, id);

CREATE INDEX cw_message_to ON cw_message (to_id, id);

CREATE INDEX cw_message_unread ON cw_message (to_id, id) WHERE channel = 'inbox' AND read_at IS NULL;
