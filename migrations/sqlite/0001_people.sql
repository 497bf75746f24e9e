-- +goose Up

-- Names are compared by their folded form: lower case, without accents.
CREATE TABLE organisations (
    id         integer PRIMARY KEY AUTOINCREMENT,
    name       text NOT NULL,
    folded     text NOT NULL,
    created_at timestamp NOT NULL
);
CREATE UNIQUE INDEX organisations_folded ON organisations (folded);

CREATE TABLE people (
    id              integer PRIMARY KEY AUTOINCREMENT,
    mail            text NOT NULL,
    mail_folded     text NOT NULL,
    name            text NOT NULL,
    folded          text NOT NULL,
    organisation_id integer REFERENCES organisations (id),
    about           text NOT NULL DEFAULT '',
    role            text NOT NULL DEFAULT 'member',
    language        text NOT NULL DEFAULT 'nl',
    time_zone       text NOT NULL DEFAULT 'Europe/Amsterdam',
    theme           text NOT NULL DEFAULT 'auto',
    digest          text NOT NULL DEFAULT 'weekly',
    digest_hour     integer NOT NULL DEFAULT 8,
    digest_weekday  integer NOT NULL DEFAULT 1,
    digest_due_at   timestamp,
    mail_mentions   boolean NOT NULL DEFAULT true,
    push            boolean NOT NULL DEFAULT false,
    -- Sessions of an older epoch are over: "sign out everywhere" raises it.
    session_epoch   integer NOT NULL DEFAULT 0,
    created_at      timestamp NOT NULL,
    disabled_at     timestamp
);
CREATE UNIQUE INDEX people_mail ON people (mail_folded);
CREATE INDEX people_folded ON people (folded);
CREATE INDEX people_digest_due ON people (digest_due_at);

-- Only hashes of what opens a door are kept.
CREATE TABLE sign_in_links (
    id            integer PRIMARY KEY AUTOINCREMENT,
    token_hash    text NOT NULL,
    person_id     integer REFERENCES people (id) ON DELETE CASCADE,
    mail          text NOT NULL,
    name          text NOT NULL DEFAULT '',
    organisation  text NOT NULL DEFAULT '',
    language      text NOT NULL DEFAULT 'nl',
    invitation    text NOT NULL DEFAULT '',
    next          text NOT NULL DEFAULT '',
    created_at    timestamp NOT NULL,
    expires_at    timestamp NOT NULL,
    used_at       timestamp
);
CREATE UNIQUE INDEX sign_in_links_token ON sign_in_links (token_hash);
CREATE INDEX sign_in_links_mail ON sign_in_links (mail, created_at);

CREATE TABLE sessions (
    token_hash text PRIMARY KEY NOT NULL,
    person_id  integer REFERENCES people (id) ON DELETE CASCADE,
    epoch      integer NOT NULL DEFAULT 0,
    data       blob NOT NULL,
    expires_at timestamp NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE tokens (
    id         integer PRIMARY KEY AUTOINCREMENT,
    person_id  integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name       text NOT NULL,
    token_hash text NOT NULL,
    scopes     text NOT NULL,
    created_at timestamp NOT NULL,
    revoked_at timestamp
);
CREATE UNIQUE INDEX tokens_token ON tokens (token_hash);
CREATE INDEX tokens_person ON tokens (person_id);

-- Keys that all nodes share, made at first use.
CREATE TABLE secrets (
    name       text PRIMARY KEY NOT NULL,
    value      blob NOT NULL,
    created_at timestamp NOT NULL
);

-- Whose access changed, of late: every node reads it, so that open sockets hear
-- of it even when nothing else carries the news. person_id 0 is everybody.
CREATE TABLE access_changes (
    id         integer PRIMARY KEY AUTOINCREMENT,
    person_id  integer NOT NULL,
    changed_at timestamp NOT NULL
);
CREATE INDEX access_changes_changed_at ON access_changes (changed_at);

-- +goose Down
DROP TABLE access_changes;
DROP TABLE secrets;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE sign_in_links;
DROP TABLE people;
DROP TABLE organisations;
