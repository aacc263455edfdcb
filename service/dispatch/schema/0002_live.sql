-- What was told is looked up when it may change, and a day is replayed from its rows.
CREATE INDEX dispatch_assignment_order ON dispatch_assignment (order_id, ended_at);
CREATE INDEX dispatch_assignment_ended ON dispatch_assignment (ended_at);

-- Whether the resident knew who comes when the assignment ended.
ALTER TABLE dispatch_assignment ADD COLUMN named BOOLEAN NOT NULL DEFAULT FALSE;

-- What people did on the board. Times are milliseconds.
CREATE TABLE dispatch_act (
  id        TEXT PRIMARY KEY,
  at        BIGINT NOT NULL,
  kind      TEXT NOT NULL,
  place     TEXT NOT NULL,
  worker_id TEXT NOT NULL DEFAULT '',
  order_id  TEXT NOT NULL DEFAULT '',
  reason    TEXT NOT NULL DEFAULT '',
  by_user   TEXT NOT NULL,
  by_name   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX dispatch_act_at ON dispatch_act (at);

-- How long an order had nobody; ended_at is 0 while it waits.
CREATE TABLE dispatch_wait (
  id       TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  place    TEXT NOT NULL,
  from_at  BIGINT NOT NULL,
  ended_at BIGINT NOT NULL DEFAULT 0,
  reasons  JSONB NOT NULL
);
CREATE UNIQUE INDEX dispatch_wait_open ON dispatch_wait (order_id) WHERE ended_at = 0;
CREATE INDEX dispatch_wait_from ON dispatch_wait (from_at);
CREATE INDEX dispatch_wait_ended ON dispatch_wait (ended_at);
