-- Ways that nobody can pass for a time. opened_at is 0 until somebody opens them
-- before their time.
CREATE TABLE resident_closure (
  id        TEXT PRIMARY KEY,
  place     TEXT NOT NULL, -- whose desk has closed them
  closure   JSONB NOT NULL,
  until_at  BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  by_user   TEXT NOT NULL,
  opened_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX resident_closure_until ON resident_closure (until_at);
