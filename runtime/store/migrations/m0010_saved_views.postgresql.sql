CREATE TABLE cw_saved_view (
    id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    "parameters" TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT cw_saved_view_name UNIQUE (user_id, object, name),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);
