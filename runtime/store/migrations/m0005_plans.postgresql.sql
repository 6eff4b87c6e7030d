CREATE TABLE cw_enrolment (
    id TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    clinic_id TEXT COLLATE "C",
    release TEXT COLLATE "C" NOT NULL,
    anchor TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    turn INTEGER NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    begun_by TEXT COLLATE "C" NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT COLLATE "C",
    why TEXT COLLATE "C",
    reason TEXT COLLATE "C",
    PRIMARY KEY (id),
    CONSTRAINT cw_enrolment_state CHECK (state IN ('active', 'finished', 'stopped'))
);

CREATE UNIQUE INDEX cw_enrolment_active ON cw_enrolment (record_id, plan) WHERE state = 'active';

CREATE INDEX cw_enrolment_under_way ON cw_enrolment (plan, id) WHERE state = 'active';

CREATE INDEX cw_enrolment_record ON cw_enrolment (record_id, id);

CREATE INDEX cw_enrolment_subject ON cw_enrolment (subject_id, id);

CREATE TABLE cw_enrolment_step (
    enrolment_id TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    n INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_date DATE,
    until TIMESTAMP WITH TIME ZONE,
    object TEXT COLLATE "C",
    record_id TEXT COLLATE "C",
    why TEXT COLLATE "C",
    settled_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (enrolment_id, step, n),
    CONSTRAINT cw_enrolment_step_state CHECK (state IN ('planned', 'created', 'done', 'skipped', 'missed', 'stopped')),
    CONSTRAINT cw_enrolment_step_enrolment FOREIGN KEY (enrolment_id) REFERENCES cw_enrolment (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX cw_enrolment_step_record ON cw_enrolment_step (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE cw_plan_met (
    plan TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (record_id, plan)
);
