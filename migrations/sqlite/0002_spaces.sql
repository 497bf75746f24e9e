-- +goose Up

CREATE TABLE spaces (
    id          integer PRIMARY KEY AUTOINCREMENT,
    parent_id   integer REFERENCES spaces (id),
    kind        text NOT NULL,
    visibility  text NOT NULL,
    name        text NOT NULL,
    description text NOT NULL DEFAULT '',
    hue         integer NOT NULL DEFAULT 0,
    -- The people of a direct conversation, sorted: the same people, the same space.
    direct_key  text,
    created_by  integer REFERENCES people (id),
    created_at  timestamp NOT NULL
);
CREATE UNIQUE INDEX spaces_direct_key ON spaces (direct_key);
CREATE INDEX spaces_parent ON spaces (parent_id);

-- The spaces at or above a space that only their members may enter. Who may
-- read a space is who is a member of all its gates; no gates: everyone who is
-- signed in. So a child can only narrow, and no query walks the tree.
CREATE TABLE space_gates (
    space_id integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    gate_id  integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    PRIMARY KEY (space_id, gate_id)
);
CREATE INDEX space_gates_gate ON space_gates (gate_id);

CREATE TABLE memberships (
    space_id  integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    person_id integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role      text NOT NULL,
    -- What this person hears of new streams here: all, mentions, muted; null: the default.
    level     text,
    since     timestamp NOT NULL,
    PRIMARY KEY (space_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id, space_id);
-- Whoever wants to hear everything: asked at each chat line, and few.
CREATE INDEX memberships_all ON memberships (space_id) WHERE level = 'all';

-- Who was removed by somebody else does not come back without somebody else.
CREATE TABLE removals (
    space_id   integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    person_id  integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    removed_by integer REFERENCES people (id),
    removed_at timestamp NOT NULL,
    PRIMARY KEY (space_id, person_id)
);

CREATE TABLE invitations (
    id          integer PRIMARY KEY AUTOINCREMENT,
    space_id    integer NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    code        text NOT NULL,
    mail        text,
    uses        integer NOT NULL,
    used        integer NOT NULL DEFAULT 0,
    expires_at  timestamp NOT NULL,
    created_by  integer NOT NULL REFERENCES people (id),
    created_at  timestamp NOT NULL,
    revoked_at  timestamp
);
CREATE UNIQUE INDEX invitations_code ON invitations (code);
CREATE INDEX invitations_space ON invitations (space_id);

-- +goose Down
DROP TABLE invitations;
DROP TABLE removals;
DROP TABLE memberships;
DROP TABLE space_gates;
DROP TABLE spaces;
