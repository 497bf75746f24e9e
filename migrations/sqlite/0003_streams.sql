-- +goose Up

CREATE TABLE streams (
    id                integer PRIMARY KEY AUTOINCREMENT,
    space_id          integer NOT NULL REFERENCES spaces (id),
    kind              text NOT NULL,
    title             text NOT NULL,
    category          text NOT NULL DEFAULT '',
    pinned            boolean NOT NULL DEFAULT false,
    closed            boolean NOT NULL DEFAULT false,
    author_id         integer REFERENCES people (id),
    nonce             text,
    -- Goes up by one with every change in the stream, in the order of commits.
    rev               integer NOT NULL DEFAULT 0,
    -- The rev of the last change of the stream's own fields.
    changed_rev       integer NOT NULL DEFAULT 0,
    -- The created_rev of the newest post.
    last_post_rev     integer NOT NULL DEFAULT 0,
    last_post_at      timestamp,
    first_post_id     integer,
    answer_id         integer,
    post_count        integer NOT NULL DEFAULT 0,
    participant_count integer NOT NULL DEFAULT 0,
    created_at        timestamp NOT NULL
);
CREATE UNIQUE INDEX streams_nonce ON streams (author_id, nonce);
CREATE INDEX streams_space ON streams (space_id, kind, last_post_at);

CREATE TABLE stream_tags (
    stream_id integer NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    position  integer NOT NULL,
    tag       text NOT NULL,
    PRIMARY KEY (stream_id, position)
);
CREATE INDEX stream_tags_tag ON stream_tags (tag);

CREATE TABLE posts (
    id          integer PRIMARY KEY AUTOINCREMENT,
    stream_id   integer NOT NULL REFERENCES streams (id),
    -- The stream's rev at the last change of this post, and at its creation.
    rev         integer NOT NULL,
    created_rev integer NOT NULL,
    parent_id   integer REFERENCES posts (id),
    author_id   integer REFERENCES people (id),
    anonymous   boolean NOT NULL DEFAULT false,
    nonce       text,
    body        text NOT NULL,
    html        text NOT NULL,
    score       integer NOT NULL DEFAULT 0,
    created_at  timestamp NOT NULL,
    edited_at   timestamp,
    deleted_at  timestamp
);
CREATE UNIQUE INDEX posts_nonce ON posts (author_id, nonce);
CREATE INDEX posts_rev ON posts (stream_id, rev);
CREATE INDEX posts_created_rev ON posts (stream_id, created_rev);
CREATE INDEX posts_parent ON posts (parent_id) WHERE parent_id IS NOT NULL;

-- The texts a post had before the present one.
CREATE TABLE revisions (
    id         integer PRIMARY KEY AUTOINCREMENT,
    post_id    integer NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    author_id  integer REFERENCES people (id),
    body       text NOT NULL,
    html       text NOT NULL,
    created_at timestamp NOT NULL
);
CREATE INDEX revisions_post ON revisions (post_id);

CREATE TABLE reactions (
    post_id    integer NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    emoji      text NOT NULL,
    person_id  integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    PRIMARY KEY (post_id, emoji, person_id)
);
CREATE INDEX reactions_person ON reactions (person_id);

CREATE TABLE votes (
    post_id   integer NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    person_id integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, person_id)
);
CREATE INDEX votes_person ON votes (person_id);

CREATE TABLE mentions (
    post_id   integer NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    person_id integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, person_id)
);
CREATE INDEX mentions_person ON mentions (person_id, post_id);

-- What a person has with a stream: how far they read, what they want to hear,
-- whether they take part, how far their digest went.
CREATE TABLE stream_people (
    person_id    integer NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    stream_id    integer NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    seen_rev     integer NOT NULL DEFAULT 0,
    digested_rev integer NOT NULL DEFAULT 0,
    level        text,
    posts        integer NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, stream_id)
);
CREATE INDEX stream_people_stream ON stream_people (stream_id);
CREATE INDEX stream_people_all ON stream_people (stream_id) WHERE level = 'all';

-- Words to search by. A document is a post, under its id, or a stream's title,
-- under the negative of the stream's id.
CREATE VIRTUAL TABLE search_docs USING fts5 (
    terms, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);

-- +goose Down
DROP TABLE search_docs;
DROP TABLE stream_people;
DROP TABLE mentions;
DROP TABLE votes;
DROP TABLE reactions;
DROP TABLE revisions;
DROP TABLE posts;
DROP TABLE stream_tags;
DROP TABLE streams;
