CREATE TABLE cw_saved_view (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    "parameters" TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT cw_saved_view_name UNIQUE (user_id, object, name),
    FOREIGN KEY(user_id) REFERENCES cw_user (id) ON DELETE CASCADE
);
