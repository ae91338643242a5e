-- What people asked the service, and what it answered from where. Bounded by age and count.

CREATE TABLE query_log (
    no             INTEGER PRIMARY KEY,
    asked          INTEGER NOT NULL,
    who            TEXT,                -- the user at the control socket; NULL where that is not known
    question       TEXT NOT NULL,
    options        TEXT NOT NULL,       -- JSON
    interpretation TEXT NOT NULL,
    answer         TEXT,                -- what was said besides passages
    refused        TEXT,                -- the error's code, where there was one
    recorded       INTEGER NOT NULL,    -- the last commit that the answer saw
    known_at       INTEGER NOT NULL,    -- R: what was believed then was shown
    citations      TEXT NOT NULL,       -- JSON: [[citation, T], …], T the beginning of the version
    microseconds   INTEGER NOT NULL
);
CREATE INDEX query_log_asked ON query_log (asked);
