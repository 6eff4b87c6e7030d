CREATE TABLE cw_design_draft (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    base TEXT NOT NULL,
    pack TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    published TEXT,
    PRIMARY KEY (id),
    CONSTRAINT cw_design_draft_state CHECK (state IN ('open', 'published', 'discarded'))
);

CREATE INDEX cw_design_draft_open ON cw_design_draft (state, updated_at);

CREATE TABLE cw_design_file (
    draft_id TEXT NOT NULL,
    path TEXT NOT NULL,
    bytes BLOB,
    PRIMARY KEY (draft_id, path),
    CONSTRAINT cw_design_file_draft FOREIGN KEY(draft_id) REFERENCES cw_design_draft (id) ON DELETE CASCADE
);

CREATE TABLE cw_design_edit (
    draft_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    said TEXT NOT NULL,
    patch TEXT NOT NULL,
    at TEXT NOT NULL,
    "by" TEXT NOT NULL,
    PRIMARY KEY (draft_id, n),
    CONSTRAINT cw_design_edit_draft FOREIGN KEY(draft_id) REFERENCES cw_design_draft (id) ON DELETE CASCADE
);
