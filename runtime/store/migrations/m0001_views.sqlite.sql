CREATE TABLE cw_view (
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT,
    request_id TEXT,
    release TEXT,
    ids TEXT,
    detail TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX cw_view_actor ON cw_view (actor, id);
