CREATE TABLE party_org (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  uscc       TEXT NOT NULL DEFAULT '',
  place      TEXT NOT NULL,
  lng        DOUBLE PRECISION NOT NULL DEFAULT 0,
  lat        DOUBLE PRECISION NOT NULL DEFAULT 0,
  address    TEXT NOT NULL DEFAULT '',
  phone      TEXT NOT NULL DEFAULT '',
  leader     TEXT NOT NULL DEFAULT '',
  state      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX party_org_uscc ON party_org (uscc) WHERE uscc <> '';
CREATE INDEX party_org_place ON party_org (place, id);

CREATE TABLE party_member (
  id     TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES party_org (id),
  name   TEXT NOT NULL,
  duty   TEXT NOT NULL DEFAULT '',
  phone  TEXT NOT NULL DEFAULT '',
  at     BIGINT NOT NULL
);
CREATE INDEX party_member_org ON party_member (org_id, id);

CREATE TABLE party_worker (
  id         TEXT PRIMARY KEY,
  org_id     TEXT NOT NULL REFERENCES party_org (id),
  name       TEXT NOT NULL,
  phone      TEXT NOT NULL DEFAULT '',
  place      TEXT NOT NULL,
  lng        DOUBLE PRECISION NOT NULL,
  lat        DOUBLE PRECISION NOT NULL,
  profile    TEXT NOT NULL,
  areas      JSONB NOT NULL,          -- place paths the worker serves; empty: everywhere
  skills     JSONB NOT NULL,          -- [{code, level}]
  week       JSONB NOT NULL,          -- seven texts of openings, Monday first
  max_load   BIGINT NOT NULL,         -- minutes of service a day
  state      TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX party_worker_org ON party_worker (org_id, id);
CREATE INDEX party_worker_place ON party_worker (place, id);

-- Days on which the weekly pattern does not hold; empty spans are a day off.
CREATE TABLE party_day (
  worker_id TEXT NOT NULL REFERENCES party_worker (id),
  day       TEXT NOT NULL,
  spans     TEXT NOT NULL,
  PRIMARY KEY (worker_id, day)
);

CREATE TABLE party_absence (
  id        TEXT PRIMARY KEY,
  worker_id TEXT NOT NULL REFERENCES party_worker (id),
  kind      TEXT NOT NULL,
  from_at   BIGINT NOT NULL,
  to_at     BIGINT NOT NULL,
  by_user   TEXT NOT NULL,
  at        BIGINT NOT NULL
);
CREATE INDEX party_absence_worker ON party_absence (worker_id, to_at);

CREATE TABLE party_certificate (
  id         TEXT PRIMARY KEY,
  worker_id  TEXT NOT NULL REFERENCES party_worker (id),
  kind       TEXT NOT NULL,
  number     TEXT NOT NULL DEFAULT '',
  level      BIGINT NOT NULL DEFAULT 0,
  issued     TEXT NOT NULL,
  expires    TEXT NOT NULL DEFAULT '', -- last valid day; empty: does not expire
  revoked_at BIGINT NOT NULL DEFAULT 0,
  told       BIGINT NOT NULL DEFAULT -1, -- the last notice told, in days left; -1: none
  at         BIGINT NOT NULL
);
CREATE INDEX party_certificate_worker ON party_certificate (worker_id, id);
CREATE INDEX party_certificate_expires ON party_certificate (expires) WHERE revoked_at = 0;

-- Counts changes of what the snapshot of workers is made of, so that every node notices.
CREATE TABLE party_version (
  topic TEXT PRIMARY KEY,
  n     BIGINT NOT NULL
);
INSERT INTO party_version (topic, n) VALUES ('worker', 1);

CREATE VIEW party_pub_worker AS
  SELECT id, org_id, place, state FROM party_worker;
