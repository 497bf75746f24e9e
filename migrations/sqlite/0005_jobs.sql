-- +goose Up

-- Work to do after a commit. A job that is done is deleted; one that failed too
-- often stays with dead_at set, to be looked at.
CREATE TABLE jobs (
    id           integer PRIMARY KEY AUTOINCREMENT,
    kind         text NOT NULL,
    unique_key   text,
    payload      text NOT NULL,
    run_at       timestamp NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    leased_by    text,
    leased_until timestamp,
    last_error   text NOT NULL DEFAULT '',
    created_at   timestamp NOT NULL,
    dead_at      timestamp
);
CREATE UNIQUE INDEX jobs_unique ON jobs (kind, unique_key);
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE dead_at IS NULL;

-- Who does, of several nodes, what only one must do.
CREATE TABLE leases (
    name   text PRIMARY KEY NOT NULL,
    holder text NOT NULL,
    until  timestamp NOT NULL
);

-- +goose Down
DROP TABLE leases;
DROP TABLE jobs;
