-- States of a whole source that select versions of its documents: revisions of its line, and tags. What a
-- document has at one of them is looked up when somebody asks: with p the revision's place on the line, the
-- version on the document's own line with the greatest sequence up to p. Nothing here grows with tags × documents.

CREATE TABLE revision (
    no            INTEGER PRIMARY KEY,
    source_no     INTEGER NOT NULL REFERENCES source,
    sequence      INTEGER NOT NULL,     -- its place on the line
    id            BLOB NOT NULL,        -- the bytes of its full name
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL
);
CREATE INDEX revision_sequence ON revision (source_no, sequence);
CREATE INDEX revision_id ON revision (substr(id, 1, 8));  -- enough to tell a million apart, at less than half the size

CREATE TABLE tag (
    source_no     INTEGER NOT NULL REFERENCES source,
    name          TEXT NOT NULL,
    revision      BLOB NOT NULL,        -- on the line, an offshoot, or one that was never looked at
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL,
    PRIMARY KEY (source_no, name, recorded_from)
) WITHOUT ROWID;

-- A revision beside the line, told by how it differs from the line at one place.
CREATE TABLE offshoot (
    no            INTEGER PRIMARY KEY,
    source_no     INTEGER NOT NULL REFERENCES source,
    revision      BLOB NOT NULL,
    sequence      INTEGER NOT NULL,     -- the place on the line that it is compared with
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL
);
CREATE INDEX offshoot_revision ON offshoot (revision);

-- What stands at a key beside the line. Neighbouring offshoots mostly differ from the line by the same states,
-- so that each is kept once and an offshoot's deviations are pairs of numbers.
CREATE TABLE deviating (
    no        INTEGER PRIMARY KEY,
    source_no INTEGER NOT NULL REFERENCES source,
    key       TEXT NOT NULL,
    origin    TEXT NOT NULL             -- of the version there; empty where there is nothing
);
CREATE UNIQUE INDEX deviating_state ON deviating (source_no, key, origin);
CREATE INDEX deviating_origin ON deviating (origin) WHERE origin <> '';

CREATE TABLE deviation (
    offshoot_no  INTEGER NOT NULL REFERENCES offshoot,
    deviating_no INTEGER NOT NULL REFERENCES deviating,
    PRIMARY KEY (offshoot_no, deviating_no)
) WITHOUT ROWID;
CREATE INDEX deviation_state ON deviation (deviating_no);

-- A document's version at a place of the line, and the documents that ever had a key, without reading all versions.
DROP INDEX version_document;
CREATE INDEX version_place ON version (document_no, sequence);
DROP INDEX placement_key;
CREATE INDEX placement_key ON placement (key, document_no);
