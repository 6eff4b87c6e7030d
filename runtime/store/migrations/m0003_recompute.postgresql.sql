CREATE TABLE cw_recompute (
    id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    hops TEXT NOT NULL,
    causes TEXT NOT NULL,
    done_to TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    holder TEXT COLLATE "C",
    held_until TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);
