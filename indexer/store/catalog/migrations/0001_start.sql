-- Instants are microseconds since 1970; 9223372036854775807 is "no end known". Hashes are raw BLAKE3.
-- Numbers (`no`) are this catalog's own and small; ids are what the outside sees and never change.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source (
    no                INTEGER PRIMARY KEY,
    uid               TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL UNIQUE,
    kind              TEXT NOT NULL,
    cursor            TEXT,
    state             TEXT NOT NULL DEFAULT 'new',
    detail            TEXT,
    last_scan         INTEGER,          -- when the last complete scan began
    last_change       INTEGER,
    embedded_passages INTEGER NOT NULL DEFAULT 0,
    embedded_tokens   INTEGER NOT NULL DEFAULT 0,
    seen_passages     INTEGER NOT NULL DEFAULT 0,  -- what embedding every version whole would have cost
    seen_tokens       INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE document (
    no           INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    source_no    INTEGER NOT NULL REFERENCES source,
    lineage      TEXT,                  -- the source's own identity of it, where it has one
    history_open INTEGER NOT NULL DEFAULT 0,
    recorded     INTEGER NOT NULL
);
CREATE UNIQUE INDEX document_lineage ON document (source_no, lineage) WHERE lineage IS NOT NULL;

CREATE TABLE version (
    no           INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    document_no  INTEGER NOT NULL REFERENCES document,
    kind         TEXT NOT NULL,         -- content, tombstone; unreadable until a rendition is gained
    origin       TEXT NOT NULL,
    sequence     INTEGER NOT NULL,      -- order on the line; the source's own where it has one
    aside        INTEGER NOT NULL DEFAULT 0,
    source_time  INTEGER NOT NULL,
    time_basis   TEXT NOT NULL,
    recorded     INTEGER NOT NULL,
    content_hash BLOB,
    size         INTEGER,
    author       TEXT,
    message      TEXT,
    title        TEXT,                  -- given by the source; a rendition's own title comes after it
    metadata     TEXT
);
CREATE INDEX version_document ON version (document_no);
CREATE INDEX version_unreadable ON version (document_no) WHERE kind = 'unreadable';
CREATE INDEX version_content ON version (content_hash) WHERE content_hash IS NOT NULL;

-- The bytes that are kept beside the catalog, by content.
CREATE TABLE original (
    hash     BLOB PRIMARY KEY,
    size     INTEGER NOT NULL,
    recorded INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE placement (
    no              INTEGER PRIMARY KEY,
    version_no      INTEGER NOT NULL REFERENCES version,
    document_no     INTEGER NOT NULL REFERENCES document,
    source_no       INTEGER NOT NULL REFERENCES source,
    number          INTEGER,            -- NULL for versions aside
    key             TEXT NOT NULL,
    valid_from      INTEGER NOT NULL,
    valid_to        INTEGER NOT NULL,
    recorded_from   INTEGER NOT NULL,
    recorded_to     INTEGER NOT NULL,
    closed_recorded INTEGER NOT NULL
);
CREATE INDEX placement_document ON placement (document_no);
CREATE INDEX placement_version ON placement (version_no);
CREATE INDEX placement_key ON placement (key);

CREATE TABLE rendition (
    no            INTEGER PRIMARY KEY,
    version_no    INTEGER NOT NULL REFERENCES version,
    manifest_no   INTEGER NOT NULL REFERENCES manifest,
    pipeline_no   INTEGER NOT NULL REFERENCES pipeline,
    title         TEXT,
    metadata      TEXT,
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL
);
CREATE INDEX rendition_version ON rendition (version_no);
CREATE INDEX rendition_manifest ON rendition (manifest_no);

CREATE TABLE pipeline (
    no   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE           -- parser, chunker and tokenizer, with their versions
);

CREATE TABLE manifest (
    no          INTEGER PRIMARY KEY,
    document_no INTEGER NOT NULL REFERENCES document,
    hash        BLOB NOT NULL,          -- of the entries: equal texts of one document share a manifest
    text_hash   BLOB NOT NULL,
    passages    INTEGER NOT NULL,
    tokens      INTEGER NOT NULL,
    entries     BLOB NOT NULL           -- see indexer/store/catalog/manifests.py
);
CREATE UNIQUE INDEX manifest_hash ON manifest (document_no, hash);

CREATE TABLE embedding (
    no   INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE           -- of the embedded string alone
);

CREATE TABLE passage (
    no           INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    document_no  INTEGER NOT NULL REFERENCES document,
    embed_no     INTEGER NOT NULL REFERENCES embedding,
    tokens       INTEGER NOT NULL,
    heading      TEXT NOT NULL,         -- JSON list
    table_header TEXT NOT NULL,
    text         BLOB NOT NULL          -- zstd
);
CREATE INDEX passage_document ON passage (document_no);
CREATE INDEX passage_embed ON passage (embed_no);

CREATE TABLE row (
    no              INTEGER PRIMARY KEY,
    passage_no      INTEGER NOT NULL REFERENCES passage,
    document_no     INTEGER NOT NULL REFERENCES document,
    valid_from      INTEGER NOT NULL,
    valid_to        INTEGER NOT NULL,
    recorded_from   INTEGER NOT NULL,
    recorded_to     INTEGER NOT NULL,
    closed_recorded INTEGER NOT NULL
);
CREATE INDEX row_document ON row (document_no);
CREATE INDEX row_passage ON row (passage_no);

-- Names that the source gives a version, or that its text states of itself.
CREATE TABLE label (
    no            INTEGER PRIMARY KEY,
    document_no   INTEGER NOT NULL REFERENCES document,
    version_no    INTEGER NOT NULL REFERENCES version,
    name          TEXT NOT NULL,
    stated        INTEGER NOT NULL,     -- 1: by the text
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL
);
CREATE INDEX label_document ON label (document_no);
CREATE INDEX label_name ON label (name);

-- What the last scan of a snapshot source saw: one line for each live document.
CREATE TABLE seen (
    source_no    INTEGER NOT NULL REFERENCES source,
    key          TEXT NOT NULL,
    document_no  INTEGER NOT NULL REFERENCES document,
    etag         TEXT NOT NULL,
    file_id      TEXT,
    content_hash BLOB,                  -- NULL where the bytes could not be read
    size         INTEGER,
    settled      INTEGER NOT NULL,      -- 0: an edit within the clock's granularity could hide; read again
    verified     INTEGER,               -- set only where later than the source's last scan does not hold
    PRIMARY KEY (source_no, key)
) WITHOUT ROWID;

CREATE TABLE failure (
    source_no  INTEGER NOT NULL REFERENCES source,
    key        TEXT NOT NULL,
    scope      INTEGER NOT NULL DEFAULT 0,  -- 1: the key is a folder or the whole source
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL,
    permanent  INTEGER NOT NULL DEFAULT 0,
    attempts   INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    next_retry INTEGER,
    tried_with TEXT,                    -- the parsers that failed on it: others may do better
    PRIMARY KEY (source_no, key, scope)
) WITHOUT ROWID;

CREATE TABLE run (
    no       INTEGER PRIMARY KEY,
    started  INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    report   TEXT NOT NULL              -- JSON, as `backfill --json` prints it
);

-- The sole commit point: a table version exists for readers once it stands here.
CREATE TABLE published (
    fingerprint   TEXT PRIMARY KEY,
    dimension     INTEGER NOT NULL,
    table_version INTEGER NOT NULL,
    recorded      INTEGER NOT NULL,     -- the commit that published it
    previous      INTEGER,              -- the version published before, which readers may still hold
    rows_through  INTEGER,              -- while a table is being filled: the last row copied; NULL when it is level
    active        INTEGER NOT NULL
) WITHOUT ROWID;
