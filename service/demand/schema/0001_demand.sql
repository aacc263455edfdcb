CREATE TABLE demand_demand (
  id           TEXT PRIMARY KEY,
  source       TEXT NOT NULL,
  system       TEXT NOT NULL DEFAULT '',   -- where an imported one comes from, e.g. 12345
  external_id  TEXT NOT NULL DEFAULT '',   -- its id there
  state        TEXT NOT NULL,
  open         BOOLEAN NOT NULL,           -- somebody still has to do something
  rev          BIGINT NOT NULL,
  title        TEXT NOT NULL DEFAULT '',
  body         TEXT NOT NULL DEFAULT '',
  resident     TEXT NOT NULL DEFAULT '',
  raised_by    TEXT NOT NULL DEFAULT '',   -- account
  place        TEXT NOT NULL,
  lng          DOUBLE PRECISION NOT NULL DEFAULT 0,
  lat          DOUBLE PRECISION NOT NULL DEFAULT 0,
  item         TEXT NOT NULL DEFAULT '',
  spec         TEXT NOT NULL DEFAULT '',
  office       TEXT NOT NULL DEFAULT '',   -- referred to
  certainty    DOUBLE PRECISION NOT NULL,  -- of the understanding, 0 to 1
  trust        DOUBLE PRECISION NOT NULL,  -- of the source alone
  confidence   DOUBLE PRECISION NOT NULL,  -- of the case: its sources together
  urgency      BIGINT NOT NULL,            -- 0 can wait to 3 danger
  attention    BOOLEAN NOT NULL,           -- words of danger nobody has looked at yet
  why          JSONB NOT NULL,             -- codes: what a clerk is asked for
  wish_from    BIGINT NOT NULL DEFAULT 0,
  wish_to      BIGINT NOT NULL DEFAULT 0,
  raised_at    BIGINT NOT NULL,            -- own submission
  submitted_at BIGINT NOT NULL,            -- earliest submission of the case
  received_at  BIGINT NOT NULL,            -- when it reached the hub
  due_at       BIGINT NOT NULL,            -- a person must have taken it by then
  ready_at     BIGINT NOT NULL DEFAULT 0,
  ordered_at   BIGINT NOT NULL DEFAULT 0,
  closed_at    BIGINT NOT NULL DEFAULT 0,
  withdrawn_at BIGINT NOT NULL DEFAULT 0,
  near_id      TEXT NOT NULL DEFAULT '',   -- most similar demand when it came in
  near_score   DOUBLE PRECISION NOT NULL DEFAULT 0,
  merged_into  TEXT NOT NULL DEFAULT '',
  order_id     TEXT NOT NULL DEFAULT '',
  outcome      TEXT NOT NULL DEFAULT '',
  photos       JSONB NOT NULL,             -- blob ids
  extra        JSONB NOT NULL,             -- what else the source said: likes, rule, question ...
  understood   JSONB NOT NULL,             -- how the text was read
  test         BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX demand_demand_external ON demand_demand (system, external_id) WHERE external_id <> '';
CREATE INDEX demand_demand_open ON demand_demand (due_at, id) WHERE open;
CREATE INDEX demand_demand_state ON demand_demand (state, due_at, id);
CREATE INDEX demand_demand_resident ON demand_demand (resident, spec) WHERE resident <> '';
CREATE INDEX demand_demand_place ON demand_demand (place, spec) WHERE open;
CREATE INDEX demand_demand_received ON demand_demand (received_at, id);
CREATE INDEX demand_demand_merged ON demand_demand (merged_into) WHERE merged_into <> '';

-- Who voiced each demand; case_id is the demand that carries the order, itself unless merged.
CREATE TABLE demand_reporter (
  demand    TEXT PRIMARY KEY,
  case_id   TEXT NOT NULL,
  resident  TEXT NOT NULL DEFAULT '',
  user_id   TEXT NOT NULL DEFAULT '',
  alias     TEXT NOT NULL DEFAULT '',       -- name of the writer in the outside system
  name      TEXT NOT NULL DEFAULT '',
  phone     TEXT NOT NULL DEFAULT '',
  source    TEXT NOT NULL,
  at        BIGINT NOT NULL,
  left_at   BIGINT NOT NULL DEFAULT 0       -- took their voice back while others kept theirs
);
CREATE INDEX demand_reporter_case ON demand_reporter (case_id, at);

CREATE TABLE demand_history (
  n      {{serial}},
  demand TEXT NOT NULL,
  at     BIGINT NOT NULL,
  by_id  TEXT NOT NULL,
  by_who TEXT NOT NULL,
  act    TEXT NOT NULL,
  state  TEXT NOT NULL,                     -- after the act
  detail JSONB NOT NULL
);
CREATE INDEX demand_history_demand ON demand_history (demand, n);

CREATE TABLE demand_correction (
  id         TEXT PRIMARY KEY,
  demand     TEXT NOT NULL,
  label      TEXT NOT NULL,
  was        TEXT NOT NULL,                 -- what the reader had said
  was_p      DOUBLE PRECISION NOT NULL,
  at         BIGINT NOT NULL,
  by_id      TEXT NOT NULL,
  by_who     TEXT NOT NULL,
  revoked_at BIGINT NOT NULL DEFAULT 0,
  revoked_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX demand_correction_at ON demand_correction (at, id);
CREATE INDEX demand_correction_demand ON demand_correction (demand);

-- Photos uploaded and not yet or already attached; only who uploaded one may attach it.
CREATE TABLE demand_photo (
  blob    TEXT NOT NULL,
  user_id TEXT NOT NULL,
  demand  TEXT NOT NULL DEFAULT '',
  kind    TEXT NOT NULL,
  bytes   BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (blob, user_id, demand)
);
CREATE INDEX demand_photo_at ON demand_photo (at) WHERE demand = '';

{{search demand_search}};

CREATE VIEW demand_pub_demand AS
SELECT id, source, state, item, spec, place, submitted_at, ready_at, merged_into, confidence, withdrawn_at, wish_from, wish_to, test
FROM demand_demand;
