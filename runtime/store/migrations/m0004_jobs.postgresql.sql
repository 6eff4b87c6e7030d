CREATE TABLE cw_job (
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload TEXT NOT NULL,
    object TEXT COLLATE "C",
    record_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    clinic_id TEXT COLLATE "C",
    release TEXT COLLATE "C" NOT NULL,
    missed TEXT COLLATE "C" NOT NULL,
    merge TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL,
    doubtful BOOLEAN NOT NULL,
    holder TEXT COLLATE "C",
    held_until TIMESTAMP WITH TIME ZONE,
    problem TEXT COLLATE "C",
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT cw_job_key UNIQUE (key),
    CONSTRAINT cw_job_state CHECK (state IN ('waiting', 'sending', 'done', 'cancelled', 'aside'))
);

CREATE INDEX cw_job_due ON cw_job (kind, due_at, id) WHERE state = 'waiting';

CREATE INDEX cw_job_sending ON cw_job (kind, held_until) WHERE state = 'sending';

CREATE INDEX cw_job_aside ON cw_job (kind, id) WHERE state = 'aside';

CREATE INDEX cw_job_record ON cw_job (record_id, kind) WHERE state = 'waiting';

CREATE INDEX cw_job_merge ON cw_job (kind, merge, due_at) WHERE state = 'waiting' AND merge <> '';

CREATE INDEX cw_job_done ON cw_job (done_at, id) WHERE done_at IS NOT NULL;
