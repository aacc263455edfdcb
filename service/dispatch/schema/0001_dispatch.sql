-- Who serves which order, from when to when, and why. A row is never changed but
-- to be ended; an order has at most one that stands.
CREATE TABLE dispatch_assignment (
  id           TEXT PRIMARY KEY,
  order_id     TEXT NOT NULL,
  worker_id    TEXT NOT NULL DEFAULT '',
  second_id    TEXT NOT NULL DEFAULT '',
  org_id       TEXT NOT NULL DEFAULT '',
  facility_id  TEXT NOT NULL DEFAULT '',
  place        TEXT NOT NULL,
  need         JSONB NOT NULL,
  length_s     BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  start_at     BIGINT NOT NULL,
  promise_from BIGINT NOT NULL,
  promise_to   BIGINT NOT NULL,
  rank         BIGINT NOT NULL,
  auto         BOOLEAN NOT NULL,
  by_user      TEXT NOT NULL,
  reasons      JSONB NOT NULL,
  ended_at     BIGINT NOT NULL DEFAULT 0,
  end_reason   TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX dispatch_assignment_stands ON dispatch_assignment (order_id) WHERE ended_at = 0;
CREATE INDEX dispatch_assignment_start ON dispatch_assignment (start_at);

-- The revision of a worker's lane: a plan made on an old revision is not taken.
CREATE TABLE dispatch_lane (
  worker_id TEXT PRIMARY KEY,
  rev       BIGINT NOT NULL
);

-- Orders nobody can serve now, and why; they are tried again.
CREATE TABLE dispatch_waiting (
  order_id TEXT PRIMARY KEY,
  place    TEXT NOT NULL,
  item     TEXT NOT NULL,
  spec     TEXT NOT NULL,
  sla      TEXT NOT NULL,
  since    BIGINT NOT NULL,
  tries    BIGINT NOT NULL,
  next_at  BIGINT NOT NULL,
  reasons  JSONB NOT NULL
);
CREATE INDEX dispatch_waiting_next ON dispatch_waiting (next_at);

-- Workers who said no to an order.
CREATE TABLE dispatch_refusal (
  order_id  TEXT NOT NULL,
  worker_id TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (order_id, worker_id)
);

CREATE TABLE dispatch_urge (
  order_id TEXT PRIMARY KEY,
  times    BIGINT NOT NULL,
  last_at  BIGINT NOT NULL
);

CREATE VIEW dispatch_pub_assignment AS
SELECT id, order_id, worker_id, at, start_at, rank, auto, ended_at, end_reason FROM dispatch_assignment;
