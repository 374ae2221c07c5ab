-- One row for each run of the program.
CREATE TABLE run (
    number     INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    -- The place of an event is this and its number in the run.
    base       INTEGER NOT NULL,
    -- The newest number that is on disk.
    last_seq   INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    -- Null while it runs, and when it did not end in order.
    ended_us   INTEGER
) STRICT;

-- Times are UTC, in microseconds since 1970.
CREATE TABLE event (
    place        INTEGER PRIMARY KEY,
    run          INTEGER NOT NULL REFERENCES run (number),
    seq          INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    event        TEXT    NOT NULL,
    distinct_id  TEXT    NOT NULL,
    timestamp_us INTEGER NOT NULL,
    environment  TEXT    NOT NULL,
    session_id   TEXT,
    json         TEXT    NOT NULL
) STRICT;

-- The place stands at the end of each index by itself.
CREATE INDEX event_time ON event (timestamp_us);
CREATE INDEX event_name ON event (event, timestamp_us);

-- Rows in `event`, so that nobody has to count them.
CREATE TABLE total (
    kept INTEGER NOT NULL
) STRICT;
INSERT INTO total (kept) VALUES (0);
