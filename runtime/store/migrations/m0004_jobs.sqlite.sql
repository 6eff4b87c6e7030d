CREATE TABLE cw_job (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    "key" TEXT NOT NULL,
    due_at TEXT NOT NULL,
    payload TEXT NOT NULL,
    object TEXT,
    record_id TEXT,
    subject_id TEXT,
    clinic_id TEXT,
    "release" TEXT NOT NULL,
    missed TEXT NOT NULL,
    merge TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    doubtful BOOLEAN NOT NULL,
    holder TEXT,
    held_until TEXT,
    problem TEXT,
    created_at TEXT NOT NULL,
    done_at TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_job_key UNIQUE ("key"),
    CONSTRAINT cw_job_state CHECK (state IN ('waiting', 'sending', 'done', 'cancelled', 'aside'))
);

CREATE INDEX cw_job_due ON cw_job (kind, due_at, id) WHERE state = 'waiting';

CREATE INDEX cw_job_sending ON cw_job (kind, held_until) WHERE state = 'sending';

CREATE INDEX cw_job_aside ON cw_job (kind, id) WHERE state = 'aside';

CREATE INDEX cw_job_record ON cw_job (record_id, kind) WHERE state = 'waiting';

CREATE INDEX cw_job_merge ON cw_job (kind, merge, due_at) WHERE state = 'waiting' AND merge <> '';

CREATE INDEX cw_job_done ON cw_job (done_at, id) WHERE done_at IS NOT NULL;
