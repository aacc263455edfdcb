-- A rating of one round of an order. nps is NULL when the question was not answered;
-- excluded_reason keeps an answer out of the NPS, never out of the record.
CREATE TABLE evaluate_rating (
  id              TEXT PRIMARY KEY,
  order_id        TEXT NOT NULL,
  round           BIGINT NOT NULL,
  resident_hash   TEXT NOT NULL,
  quarter         TEXT NOT NULL,
  item            TEXT NOT NULL,
  spec            TEXT NOT NULL,
  sla             TEXT NOT NULL,
  place           TEXT NOT NULL,
  worker_id       TEXT NOT NULL DEFAULT '',
  org_id          TEXT NOT NULL DEFAULT '',
  stars           BIGINT NOT NULL,
  nps             BIGINT,
  tags            JSONB NOT NULL DEFAULT '[]',
  words           TEXT NOT NULL DEFAULT '',
  at              BIGINT NOT NULL,
  by_user         TEXT NOT NULL,
  channel         TEXT NOT NULL,
  excluded_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX evaluate_rating_order ON evaluate_rating (order_id, round);
CREATE INDEX evaluate_rating_person ON evaluate_rating (resident_hash, quarter) WHERE nps IS NOT NULL AND excluded_reason = '';
CREATE INDEX evaluate_rating_at ON evaluate_rating (at);

CREATE TABLE evaluate_callback (
  order_id    TEXT PRIMARY KEY,
  resident_id TEXT NOT NULL,
  reason      TEXT NOT NULL,
  drawn_at    BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  item        TEXT NOT NULL,
  sla         TEXT NOT NULL,
  place       TEXT NOT NULL,
  worker_id   TEXT NOT NULL DEFAULT '',
  org_id      TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL DEFAULT 'open',
  tries       BIGINT NOT NULL DEFAULT 0,
  at          BIGINT NOT NULL DEFAULT 0,
  contacted   BIGINT,
  solved      BIGINT,
  satisfied   BIGINT,
  note        TEXT NOT NULL DEFAULT '',
  by_user     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX evaluate_callback_due ON evaluate_callback (due_at, order_id) WHERE state = 'open';
CREATE INDEX evaluate_callback_drawn ON evaluate_callback (drawn_at);

CREATE TABLE evaluate_setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE VIEW evaluate_pub_rating AS
SELECT id, order_id, resident_hash, item, place, nps, stars, at, excluded_reason FROM evaluate_rating;

CREATE VIEW evaluate_pub_callback AS
SELECT order_id, at, contacted, solved, satisfied FROM evaluate_callback WHERE state = 'done';
