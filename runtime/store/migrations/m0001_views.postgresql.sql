CREATE TABLE cw_view (
    id TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C",
    request_id TEXT COLLATE "C",
    release TEXT COLLATE "C",
    ids TEXT,
    detail TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX cw_view_actor ON cw_view (actor, id);
