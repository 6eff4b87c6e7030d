CREATE TABLE cw_recompute (
    id TEXT NOT NULL,
    object TEXT NOT NULL,
    field TEXT NOT NULL,
    hops TEXT NOT NULL,
    causes TEXT NOT NULL,
    done_to TEXT NOT NULL,
    at TEXT NOT NULL,
    holder TEXT,
    held_until TEXT,
    PRIMARY KEY (id)
);
