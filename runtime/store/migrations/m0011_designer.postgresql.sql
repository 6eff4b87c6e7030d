CREATE TABLE cw_design_draft (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    base TEXT COLLATE "C" NOT NULL,
    pack TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_by TEXT COLLATE "C" NOT NULL,
    published TEXT COLLATE "C",
    PRIMARY KEY (id),
    CONSTRAINT cw_design_draft_state CHECK (state IN ('open', 'published', 'discarded'))
);

CREATE INDEX cw_design_draft_open ON cw_design_draft (state, updated_at);

CREATE TABLE cw_design_file (
    draft_id TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    bytes BYTEA,
    PRIMARY KEY (draft_id, path),
    CONSTRAINT cw_design_file_draft FOREIGN KEY(draft_id) REFERENCES cw_design_draft (id) ON DELETE CASCADE
);

CREATE TABLE cw_design_edit (
    draft_id TEXT COLLATE "C" NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    said TEXT NOT NULL,
    patch TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (draft_id, n),
    CONSTRAINT cw_design_edit_draft FOREIGN KEY(draft_id) REFERENCES cw_design_draft (id) ON DELETE CASCADE
);
