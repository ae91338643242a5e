-- What was removed for good, and what remains to be said of it. A purge is written down before anything is
-- removed, so that whoever writes next finishes one that was interrupted.

CREATE TABLE purge (
    no          INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    scope       TEXT NOT NULL,          -- version, document, source
    source_no   INTEGER NOT NULL,       -- that may be gone
    source      TEXT NOT NULL,          -- its name then
    source_mark TEXT NOT NULL,          -- a hash of its uid: one that is forgotten and configured again is the same
    reason      TEXT NOT NULL,
    by_whom     TEXT NOT NULL,
    lasting     INTEGER NOT NULL,       -- 1: its contents stay away, however they come back
    recorded    INTEGER NOT NULL,       -- when it was asked for
    stage       TEXT NOT NULL,          -- recorded, cleared, erased, finished
    files       TEXT,                   -- JSON, while `cleared`: table → its files that remain
    copies      TEXT                    -- JSON, of a source: what its connector kept in the data folder
);

-- The versions that a purge is about: a line on each remains in `version`.
CREATE TABLE purged_version (
    version_no INTEGER PRIMARY KEY REFERENCES version,
    purge_no   INTEGER NOT NULL REFERENCES purge
);

-- The states that stay away when their source shows them again.
CREATE TABLE purged_state (
    purge_no     INTEGER NOT NULL REFERENCES purge,
    source_mark  TEXT NOT NULL,
    document_no  INTEGER,               -- NULL once its source was forgotten
    origin       TEXT NOT NULL,         -- a hash of it, see indexer/masks.py
    content_hash BLOB                   -- NULL where the same content may come back
);
CREATE INDEX purged_state_origin ON purged_state (source_mark, origin);
CREATE INDEX purged_state_content ON purged_state (content_hash) WHERE content_hash IS NOT NULL;

-- Documents of sources that were forgotten.
CREATE TABLE forgotten (
    document_id TEXT PRIMARY KEY,
    purge_no    INTEGER NOT NULL REFERENCES purge
) WITHOUT ROWID;

-- JSON: where in the data folder its connector keeps copies of what it reads.
ALTER TABLE source ADD COLUMN copies TEXT;
