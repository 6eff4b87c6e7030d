CREATE TABLE cw_enrolment (
    id TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    subject_id TEXT,
    clinic_id TEXT,
    "release" TEXT NOT NULL,
    anchor TEXT,
    state TEXT NOT NULL,
    turn INTEGER NOT NULL,
    cause TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    begun_by TEXT NOT NULL,
    ended_at TEXT,
    ended_by TEXT,
    why TEXT,
    reason TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_enrolment_state CHECK (state IN ('active', 'finished', 'stopped'))
);

CREATE UNIQUE INDEX cw_enrolment_active ON cw_enrolment (record_id, "plan") WHERE state = 'active';

CREATE INDEX cw_enrolment_under_way ON cw_enrolment ("plan", id) WHERE state = 'active';

CREATE INDEX cw_enrolment_record ON cw_enrolment (record_id, id);

CREATE INDEX cw_enrolment_subject ON cw_enrolment (subject_id, id);

CREATE TABLE cw_enrolment_step (
    enrolment_id TEXT NOT NULL,
    step TEXT NOT NULL,
    n INTEGER NOT NULL,
    state TEXT NOT NULL,
    due_at TEXT NOT NULL,
    due_date DATE,
    until TEXT,
    object TEXT,
    record_id TEXT,
    why TEXT,
    settled_at TEXT,
    PRIMARY KEY (enrolment_id, step, n),
    CONSTRAINT cw_enrolment_step_state CHECK (state IN ('planned', 'created', 'done', 'skipped', 'missed', 'stopped')),
    CONSTRAINT cw_enrolment_step_enrolment FOREIGN KEY (enrolment_id) REFERENCES cw_enrolment (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE UNIQUE INDEX cw_enrolment_step_record ON cw_enrolment_step (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE cw_plan_met (
    "plan" TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (record_id, "plan")
) WITHOUT ROWID;
