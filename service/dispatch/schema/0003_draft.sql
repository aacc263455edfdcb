-- Drafts of a coming day, planned anew as a whole: what would change, and the lanes
-- it was made on. A day has at most one that is open.
CREATE TABLE dispatch_draft (
  id       TEXT PRIMARY KEY,
  day      TEXT NOT NULL,
  state    TEXT NOT NULL,
  rev      BIGINT NOT NULL,
  made_at  BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0,
  pinned   JSONB NOT NULL,
  plan     JSONB NOT NULL
);
CREATE UNIQUE INDEX dispatch_draft_open ON dispatch_draft (day) WHERE state = 'open';
CREATE INDEX dispatch_draft_day ON dispatch_draft (day, made_at);
