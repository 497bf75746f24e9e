-- +goose Up

-- A person hears of a post once, however many reasons there are.
CREATE TABLE notifications (
    id         integer PRIMARY KEY AUTOINCREMENT,
    person_id  integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind       text NOT NULL,
    space_id   integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    stream_id  integer REFERENCES streams (id) ON DELETE CASCADE,
    post_id    integer REFERENCES posts (id) ON DELETE CASCADE,
    from_id    integer REFERENCES people (id),
    created_at timestamp NOT NULL,
    read_at    timestamp
);
CREATE UNIQUE INDEX notifications_post ON notifications (person_id, post_id);
CREATE INDEX notifications_person ON notifications (person_id, id);

-- One row for each mail of a kind a person gets for a period: planned, then
-- sent, dropped (nothing to tell any more) or failed.
CREATE TABLE mails (
    id         integer PRIMARY KEY AUTOINCREMENT,
    person_id  integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind       text NOT NULL,
    period     text NOT NULL,
    message_id text NOT NULL,
    state      text NOT NULL,
    planned_at timestamp NOT NULL,
    ended_at   timestamp
);
CREATE UNIQUE INDEX mails_period ON mails (person_id, kind, period);

-- +goose Down
DROP TABLE mails;
DROP TABLE notifications;
