CREATE TABLE cw_search (
    "number" INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    object TEXT NOT NULL,
    field TEXT NOT NULL,
    grams TEXT NOT NULL,
    PRIMARY KEY ("number")
);

CREATE INDEX cw_search_record ON cw_search (record_id);

CREATE VIRTUAL TABLE cw_search_index USING fts5 (
    grams, content = 'cw_search', content_rowid = 'number', tokenize = 'ascii', detail = 'none', columnsize = 0
);

CREATE TRIGGER cw_search_added AFTER INSERT ON cw_search BEGIN
    INSERT INTO cw_search_index (rowid, grams) VALUES (new."number", new.grams);
END;

CREATE TRIGGER cw_search_removed AFTER DELETE ON cw_search BEGIN
    INSERT INTO cw_search_index (cw_search_index, rowid, grams) VALUES ('delete', old."number", old.grams);
END;
