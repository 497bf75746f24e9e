-- +goose Up

-- A person hears of a post once, however many reasons there are. What is seen
-- is read: when the person has seen the stream past rev.
CREATE TABLE notifications (
    id              integer PRIMARY KEY AUTOINCREMENT,
    person_id       integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind            text NOT NULL,
    space_id        integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    stream_id       integer REFERENCES streams (id) ON DELETE CASCADE,
    post_id         integer REFERENCES posts (id) ON DELETE CASCADE,
    rev             integer NOT NULL DEFAULT 0,
    invitation_id   integer REFERENCES invitations (id) ON DELETE CASCADE,
    from_id         integer REFERENCES people (id),
    created_at      timestamp NOT NULL,
    read_at         timestamp
);
CREATE UNIQUE INDEX notifications_post ON notifications (person_id, post_id);
CREATE UNIQUE INDEX notifications_invitation ON notifications (person_id, invitation_id);
CREATE INDEX notifications_person ON notifications (person_id, id);

-- One row for each mail that goes out once: a digest for a period, a mail about
-- a notification. Planned, then sent, dropped (nothing to tell any more) or
-- failed. Another try has the same message_id.
CREATE TABLE mails (
    id              integer PRIMARY KEY AUTOINCREMENT,
    person_id       integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind            text NOT NULL,
    period          text NOT NULL,
    notification_id integer REFERENCES notifications (id) ON DELETE CASCADE,
    message_id      text NOT NULL,
    state           text NOT NULL,
    planned_at      timestamp NOT NULL,
    ended_at        timestamp
);
CREATE UNIQUE INDEX mails_period ON mails (person_id, kind, period);
CREATE INDEX mails_notification ON mails (notification_id);

-- +goose Down
DROP TABLE mails;
DROP TABLE notifications;
