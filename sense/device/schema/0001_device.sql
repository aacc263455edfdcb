CREATE TABLE device_device (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  serial      TEXT NOT NULL,
  model       TEXT NOT NULL DEFAULT '',
  firmware    TEXT NOT NULL DEFAULT '',
  place       TEXT NOT NULL,
  subject     TEXT NOT NULL DEFAULT '',       -- the resident it speaks about or belongs to
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',       -- why it is suspended or retired
  calibration TEXT NOT NULL DEFAULT '',       -- last day before it must be calibrated again; empty: need not be
  claim_hash  TEXT NOT NULL DEFAULT '',       -- SHA-256 of the code that was printed for it
  claim_until BIGINT NOT NULL DEFAULT 0,
  made_at     BIGINT NOT NULL,
  rev         BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX device_device_serial ON device_device (kind, serial);
CREATE UNIQUE INDEX device_device_claim ON device_device (claim_hash) WHERE claim_hash <> '';
CREATE INDEX device_device_place ON device_device (place, id);
CREATE INDEX device_device_subject ON device_device (subject) WHERE subject <> '';

CREATE TABLE device_key (
  id         TEXT PRIMARY KEY,
  device_id  TEXT NOT NULL REFERENCES device_device (id),
  kind       TEXT NOT NULL,                   -- token or x509
  hash       TEXT NOT NULL,                   -- SHA-256 of the token, or of the certificate
  made_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL DEFAULT 0        -- 0: until it is revoked
);
CREATE INDEX device_key_device ON device_key (device_id, id);

-- What changes with every message stands apart from the register.
CREATE TABLE device_seen (
  device_id  TEXT PRIMARY KEY REFERENCES device_device (id),
  at         BIGINT NOT NULL DEFAULT 0,       -- when it was last heard, by the hub's clock
  battery    BIGINT NOT NULL DEFAULT -1,      -- percent; -1: it never said
  signal     BIGINT NOT NULL DEFAULT 0,       -- dBm; 0: it never said
  refused    BIGINT NOT NULL DEFAULT 0,       -- what it sent that could not be taken
  withheld   BIGINT NOT NULL DEFAULT 0,       -- what nobody had agreed to
  refusal    TEXT NOT NULL DEFAULT '',        -- the last reason
  refused_at BIGINT NOT NULL DEFAULT 0,
  silent_at  BIGINT NOT NULL DEFAULT 0,       -- since when its silence is known; 0: it speaks
  outage     TEXT NOT NULL DEFAULT ''         -- of which outage its silence is part
);
CREATE INDEX device_seen_at ON device_seen (at);
CREATE INDEX device_seen_outage ON device_seen (outage) WHERE outage <> '';

CREATE TABLE device_shadow (
  device_id   TEXT PRIMARY KEY REFERENCES device_device (id),
  reported    JSONB NOT NULL,
  desired     JSONB NOT NULL,
  reported_at BIGINT NOT NULL DEFAULT 0,
  desired_at  BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE device_command (
  id         TEXT PRIMARY KEY,
  device_id  TEXT NOT NULL REFERENCES device_device (id),
  command    TEXT NOT NULL,
  state      TEXT NOT NULL,                   -- pending, done, failed, expired
  by_user    TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX device_command_device ON device_command (device_id, id);
CREATE INDEX device_command_open ON device_command (until_at) WHERE state = 'pending';

-- What was noticed, so that a message that comes twice is told once.
CREATE TABLE device_event (
  device_id TEXT NOT NULL,
  code      TEXT NOT NULL,
  t         BIGINT NOT NULL,                  -- as the device wrote it
  at        BIGINT NOT NULL,                  -- when it came
  PRIMARY KEY (device_id, code, t)
);
CREATE INDEX device_event_at ON device_event (at);

CREATE TABLE device_outage (
  id      TEXT PRIMARY KEY,
  place   TEXT NOT NULL,
  devices BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  over_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX device_outage_open ON device_outage (place) WHERE over_at = 0;

-- What must be erased because somebody took their consent back.
CREATE TABLE device_erasure (
  id       TEXT PRIMARY KEY,
  resident TEXT NOT NULL,
  purpose  TEXT NOT NULL,
  place    TEXT NOT NULL,
  at       BIGINT NOT NULL,
  due      TEXT NOT NULL,                     -- the last day on which it may be done
  done_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX device_erasure_open ON device_erasure (at) WHERE done_at = 0;

-- Since when somebody has been listening without a break: who falls silent while the
-- hub is down is not silent.
CREATE TABLE device_watch (
  id    BIGINT PRIMARY KEY,
  at    BIGINT NOT NULL,
  since BIGINT NOT NULL
);
INSERT INTO device_watch (id, at, since) VALUES (1, 0, 0);
