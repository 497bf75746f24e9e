-- +goose Up

-- How a session goes, as facilitators keep it in a space. Each time it is saved
-- is a version; body is its JSON.
CREATE TABLE scripts (
    id         integer PRIMARY KEY AUTOINCREMENT,
    space_id   integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    title      text NOT NULL,
    version    integer NOT NULL,
    created_at timestamp NOT NULL,
    dropped_at timestamp
);
CREATE INDEX scripts_space ON scripts (space_id);

CREATE TABLE script_versions (
    script_id  integer NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    version    integer NOT NULL,
    body       text NOT NULL,
    author_id  integer REFERENCES people (id) ON DELETE SET NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (script_id, version)
);

-- What a stream of kind table is besides a stream.
CREATE TABLE tables (
    stream_id   integer PRIMARY KEY NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    -- The stream's rev at the last change of this row or of who sits here.
    rev         integer NOT NULL DEFAULT 0,
    state       text NOT NULL,
    mode        text NOT NULL,
    -- The script as it was taken, so that a later version changes nothing here.
    script      text NOT NULL,
    phase       integer NOT NULL DEFAULT 0,
    -- When the present phase began.
    phase_at    timestamp,
    timer_at    timestamp,
    timer_auto  boolean NOT NULL DEFAULT false,
    turn_id     integer REFERENCES people (id) ON DELETE SET NULL,
    story       text NOT NULL DEFAULT '',
    meets_at    timestamp,
    started_at  timestamp,
    closed_at   timestamp,
    keep_days   integer NOT NULL DEFAULT 30,
    erased_at   timestamp,
    -- What leaves the room beside lessons, and how far it got: draft, shown to
    -- those who were there, proposed, published as an article.
    report       text NOT NULL DEFAULT '',
    report_state text NOT NULL DEFAULT '',
    article_id   integer REFERENCES streams (id) ON DELETE SET NULL
);

-- Who must agree before the report is published, and what they said: yes, no,
-- or nothing yet.
CREATE TABLE consents (
    stream_id   integer NOT NULL REFERENCES tables (stream_id) ON DELETE CASCADE,
    person_id   integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    answer      text NOT NULL DEFAULT '',
    answered_at timestamp,
    PRIMARY KEY (stream_id, person_id)
);
CREATE INDEX consents_person ON consents (person_id);

-- Who sits at a table, and as what. Who is no member of its space sits there no
-- more, whatever stands here.
CREATE TABLE seats (
    stream_id   integer NOT NULL REFERENCES tables (stream_id) ON DELETE CASCADE,
    person_id   integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role        text NOT NULL,
    -- The part they had in the case; '' is none.
    involved    text NOT NULL DEFAULT '',
    -- A facilitator is one after they said yes; warned is their answer to what
    -- made their independence doubtful.
    accepted    boolean NOT NULL DEFAULT false,
    warned      text NOT NULL DEFAULT '',
    hand_at     timestamp,
    -- That they handed in their dots and checked out, not what.
    voted       boolean NOT NULL DEFAULT false,
    checked_out boolean NOT NULL DEFAULT false,
    PRIMARY KEY (stream_id, person_id)
);
CREATE INDEX seats_person ON seats (person_id);

-- A card's id is random: the order of ids tells nobody who wrote first, or how
-- many cards there are. rev is 0 while it lies face down.
CREATE TABLE cards (
    id          integer PRIMARY KEY NOT NULL,
    stream_id   integer NOT NULL REFERENCES tables (stream_id) ON DELETE CASCADE,
    phase       integer NOT NULL,
    rev         integer NOT NULL DEFAULT 0,
    created_rev integer NOT NULL DEFAULT 0,
    -- Null when nobody may ever know.
    author_id   integer REFERENCES people (id) ON DELETE SET NULL,
    -- The hash of the nonce it came with. Who has the nonce may change the card.
    key         text NOT NULL,
    text        text NOT NULL,
    moment      text NOT NULL DEFAULT '',
    -- Why the writer kept what may lead to a person.
    kept        text NOT NULL DEFAULT '',
    rating      integer,
    -- The card it lies under.
    under_id    integer,
    -- Dots that were handed in, and votes: the dots once they are counted.
    dots        integer NOT NULL DEFAULT 0,
    votes       integer,
    created_at  timestamp NOT NULL,
    deleted_at  timestamp
);
CREATE UNIQUE INDEX cards_key ON cards (stream_id, key);
CREATE INDEX cards_rev ON cards (stream_id, rev);

-- What was learned. It belongs to the space the table stands in, and outlives
-- the table.
CREATE TABLE lessons (
    id          integer PRIMARY KEY AUTOINCREMENT,
    space_id    integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    stream_id   integer NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    rev         integer NOT NULL,
    created_rev integer NOT NULL,
    key         text NOT NULL,
    text        text NOT NULL,
    kept        text NOT NULL DEFAULT '',
    theme       text NOT NULL,
    owner_id    integer REFERENCES people (id) ON DELETE SET NULL,
    due_at      timestamp NOT NULL,
    state       text NOT NULL,
    -- Why it was dropped, or how it was done.
    outcome     text NOT NULL DEFAULT '',
    created_at  timestamp NOT NULL,
    -- When it left the room; null while the session goes on.
    shared_at   timestamp,
    ended_at    timestamp
);
CREATE UNIQUE INDEX lessons_key ON lessons (stream_id, key);
CREATE INDEX lessons_space ON lessons (space_id, theme);
CREATE INDEX lessons_due ON lessons (due_at) WHERE state = 'open';

-- +goose Down
DROP TABLE lessons;
DROP TABLE cards;
DROP TABLE seats;
DROP TABLE consents;
DROP TABLE tables;
DROP TABLE script_versions;
DROP TABLE scripts;
