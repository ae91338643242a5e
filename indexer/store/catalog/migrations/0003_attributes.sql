-- What a source says of documents as a whole, apart from their versions: words by which people sort them, places in
-- its tree, who may see them. Documents of one place mostly have equal ones, so that each is kept once, and what
-- is said of a document is pairs of numbers.

CREATE TABLE attribute_value (
    no    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    value TEXT NOT NULL                 -- empty: the source says that there is none
);
CREATE UNIQUE INDEX attribute_value_said ON attribute_value (name, value);

-- By value first: a search asks for the documents of a value, and reads all that have one of many in one go.
CREATE TABLE attribute (
    value_no      INTEGER NOT NULL REFERENCES attribute_value,
    document_no   INTEGER NOT NULL REFERENCES document,
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER NOT NULL,
    PRIMARY KEY (value_no, document_no, recorded_from)
) WITHOUT ROWID;
CREATE INDEX attribute_document ON attribute (document_no);
