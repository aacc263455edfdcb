-- One row per order: what was agreed, where it stands, and every moment the clocks
-- need. Times are milliseconds, 0 is "not yet". live is 1 until the order has ended:
-- the indexes of daily work are small however many orders have ended.
CREATE TABLE order_order (
  id            TEXT PRIMARY KEY,
  number        TEXT NOT NULL UNIQUE,
  demand_id     TEXT NOT NULL DEFAULT '',
  source        TEXT NOT NULL DEFAULT '',
  item          TEXT NOT NULL,
  spec          TEXT NOT NULL,
  sop_id        TEXT NOT NULL DEFAULT '',
  sla           TEXT NOT NULL,
  all_day       BIGINT NOT NULL DEFAULT 0,
  factor        BIGINT NOT NULL DEFAULT 100,
  limit_accept  BIGINT NOT NULL DEFAULT 0,
  limit_contact BIGINT NOT NULL DEFAULT 0,
  limit_start   BIGINT NOT NULL DEFAULT 0,
  limit_close   BIGINT NOT NULL DEFAULT 0,
  resident_id   TEXT NOT NULL DEFAULT '',
  place         TEXT NOT NULL,
  lng           DOUBLE PRECISION NOT NULL DEFAULT 0,
  lat           DOUBLE PRECISION NOT NULL DEFAULT 0,
  wish_from     BIGINT NOT NULL DEFAULT 0,
  wish_to       BIGINT NOT NULL DEFAULT 0,
  length_ms     BIGINT NOT NULL DEFAULT 0,
  persons       BIGINT NOT NULL DEFAULT 1,
  skills        JSONB NOT NULL DEFAULT '[]',
  prefer        JSONB NOT NULL DEFAULT '[]',
  exclude       JSONB NOT NULL DEFAULT '[]',
  words         TEXT NOT NULL DEFAULT '',
  code          TEXT NOT NULL DEFAULT '',
  code_tries    BIGINT NOT NULL DEFAULT 0,
  state         TEXT NOT NULL,
  held          TEXT NOT NULL DEFAULT '',
  round         BIGINT NOT NULL DEFAULT 1,
  rev           BIGINT NOT NULL DEFAULT 1,
  live          BIGINT NOT NULL,
  submitted_at  BIGINT NOT NULL,
  opened_at     BIGINT NOT NULL,
  state_at      BIGINT NOT NULL DEFAULT 0,
  last_at       BIGINT NOT NULL DEFAULT 0,
  worker_id     TEXT NOT NULL DEFAULT '',
  second_id     TEXT NOT NULL DEFAULT '',
  org_id        TEXT NOT NULL DEFAULT '',
  facility_id   TEXT NOT NULL DEFAULT '',
  start_at      BIGINT NOT NULL DEFAULT 0,
  promised_from BIGINT NOT NULL DEFAULT 0,
  promised_to   BIGINT NOT NULL DEFAULT 0,
  slot_from     BIGINT NOT NULL DEFAULT 0,
  slot_to       BIGINT NOT NULL DEFAULT 0,
  auto          BIGINT NOT NULL DEFAULT 0,
  reasons       JSONB NOT NULL DEFAULT '[]',
  accepted_at   BIGINT NOT NULL DEFAULT 0,
  contacted_at  BIGINT NOT NULL DEFAULT 0,
  en_route_at   BIGINT NOT NULL DEFAULT 0,
  arrived_at    BIGINT NOT NULL DEFAULT 0,
  finished_at   BIGINT NOT NULL DEFAULT 0,
  confirmed_at  BIGINT NOT NULL DEFAULT 0,
  rated_at      BIGINT NOT NULL DEFAULT 0,
  closed_at     BIGINT NOT NULL DEFAULT 0,
  stars         BIGINT NOT NULL DEFAULT 0,
  unwanted      BIGINT NOT NULL DEFAULT 0,
  pause_reason  TEXT NOT NULL DEFAULT '',
  waiting_from  BIGINT NOT NULL DEFAULT 0,
  waiting_to    BIGINT NOT NULL DEFAULT 0,
  breached      BIGINT NOT NULL DEFAULT 0,
  rungs         BIGINT NOT NULL DEFAULT 0,
  state_late    BIGINT NOT NULL DEFAULT 0,
  due_at        BIGINT NOT NULL DEFAULT 0,
  timer_at      BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX order_order_demand ON order_order (demand_id) WHERE demand_id <> '';
CREATE INDEX order_order_due ON order_order (due_at, id) WHERE live = 1;
CREATE INDEX order_order_board ON order_order (place, state) WHERE live = 1;
CREATE INDEX order_order_ended ON order_order (closed_at, state, place) WHERE live = 0;
CREATE INDEX order_order_past ON order_order (place) WHERE live = 0;
CREATE INDEX order_order_worker ON order_order (worker_id, live, start_at) WHERE worker_id <> '';
CREATE INDEX order_order_second ON order_order (second_id, live, start_at) WHERE second_id <> '';
CREATE INDEX order_order_org ON order_order (org_id, id) WHERE org_id <> '';
CREATE INDEX order_order_resident ON order_order (resident_id, id) WHERE resident_id <> '';

-- The timeline. seq counts from 1 per order; the row's rev is the last seq.
-- at is when it happened, stored_at when the hub learned of it.
CREATE TABLE order_event (
  order_id  TEXT NOT NULL,
  seq       BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  stored_at BIGINT NOT NULL,
  round     BIGINT NOT NULL,
  kind      TEXT NOT NULL,
  state     TEXT NOT NULL,
  by_user   TEXT NOT NULL,
  by_name   TEXT NOT NULL DEFAULT '',
  worker_id TEXT NOT NULL DEFAULT '',
  reason    TEXT NOT NULL DEFAULT '',
  note      TEXT NOT NULL DEFAULT '',
  step      BIGINT NOT NULL DEFAULT 0,
  evidence  JSONB NOT NULL DEFAULT '[]',
  detail    JSONB NOT NULL DEFAULT '{}',
  PRIMARY KEY (order_id, seq)
);

-- A procedure as it was when an order pinned it; named by version and content, so
-- that it can never change under a running order.
CREATE TABLE order_sop (
  id    TEXT PRIMARY KEY,
  steps JSONB NOT NULL
);

CREATE TABLE order_step (
  order_id TEXT NOT NULL,
  round    BIGINT NOT NULL,
  no       BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  by_user  TEXT NOT NULL,
  note     TEXT NOT NULL DEFAULT '',
  evidence JSONB NOT NULL DEFAULT '[]',
  PRIMARY KEY (order_id, round, no)
);

CREATE TABLE order_evidence (
  id       TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  kind     TEXT NOT NULL,
  blob_id  TEXT NOT NULL,
  media    TEXT NOT NULL,
  bytes    BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  by_user  TEXT NOT NULL
);
CREATE UNIQUE INDEX order_evidence_order ON order_evidence (order_id, kind, blob_id);

CREATE TABLE order_setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at    BIGINT NOT NULL,
  by_user TEXT NOT NULL
);

-- match_ok: offered to somebody fit for it, to begin within 15 minutes of the wished
-- window, and not called the wrong service by the resident.
CREATE VIEW order_pub_order AS
SELECT id, demand_id, item, spec, place, state, sla, submitted_at, opened_at, accepted_at, arrived_at, finished_at, closed_at,
  wish_from, wish_to, promised_from, promised_to, worker_id, org_id,
  CASE WHEN waiting_to > 0 THEN waiting_to - waiting_from ELSE 0 END AS waiting_ms,
  CASE WHEN breached <> 0 THEN 1 ELSE 0 END AS breached,
  CASE
    WHEN unwanted = 1 OR state IN ('failed', 'canceled') OR (worker_id = '' AND facility_id = '') THEN 0
    WHEN wish_from = 0 AND wish_to = 0 THEN 1
    WHEN (CASE WHEN arrived_at > 0 THEN arrived_at WHEN promised_from > 0 THEN promised_from ELSE start_at END) < wish_from - 900000 THEN 0
    WHEN (CASE WHEN arrived_at > 0 THEN arrived_at WHEN promised_from > 0 THEN promised_from ELSE start_at END)
       > (CASE WHEN wish_to > wish_from THEN wish_to ELSE wish_from END) + 900000 THEN 0
    ELSE 1
  END AS match_ok
FROM order_order;
