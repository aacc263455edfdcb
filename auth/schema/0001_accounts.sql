CREATE TABLE auth_user (
  id          TEXT PRIMARY KEY,
  login       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  lang        TEXT NOT NULL DEFAULT 'zh',
  password    TEXT NOT NULL DEFAULT '',
  resident_id TEXT NOT NULL DEFAULT '',
  worker_id   TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL DEFAULT 'active',
  failures    BIGINT NOT NULL DEFAULT 0,
  locked_until BIGINT NOT NULL DEFAULT 0,
  created_at  BIGINT NOT NULL,
  rev         BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX auth_user_resident ON auth_user (resident_id);
CREATE INDEX auth_user_worker ON auth_user (worker_id);

CREATE TABLE auth_grant (
  user_id TEXT NOT NULL REFERENCES auth_user (id),
  role    TEXT NOT NULL,
  place   TEXT NOT NULL DEFAULT '',
  org_id  TEXT NOT NULL DEFAULT '',
  by_user TEXT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (user_id, role, place, org_id)
);

CREATE TABLE auth_ward (
  user_id     TEXT NOT NULL REFERENCES auth_user (id),
  resident_id TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (user_id, resident_id)
);

CREATE TABLE auth_session (
  hash       TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES auth_user (id),
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  agent      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX auth_session_user ON auth_session (user_id);

-- One-time links: the first administrator, invitations, forgotten passwords.
CREATE TABLE auth_link (
  hash    TEXT PRIMARY KEY,
  user_id TEXT NOT NULL DEFAULT '',
  ends_at BIGINT NOT NULL
);

-- The audit trail. seq and hash are filled by the chain, a moment after the line
-- committed with its act; a line is never changed afterwards.
CREATE TABLE auth_audit (
  id      TEXT PRIMARY KEY,
  seq     BIGINT,
  at      BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  who     TEXT NOT NULL,
  act     TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  place   TEXT NOT NULL DEFAULT '',
  class   TEXT NOT NULL DEFAULT '',
  reason  TEXT NOT NULL DEFAULT '',
  detail  TEXT NOT NULL DEFAULT '',
  hash    TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX auth_audit_seq ON auth_audit (seq);
CREATE INDEX auth_audit_open ON auth_audit (id) WHERE seq IS NULL;
CREATE INDEX auth_audit_subject ON auth_audit (subject, at);
CREATE INDEX auth_audit_user ON auth_audit (user_id, at);

-- One sealing key per person, wrapped by the deployment's master key.
-- Forgetting a person destroys the row, and with it every sealed field.
CREATE TABLE auth_person_key (
  person  TEXT PRIMARY KEY,
  wrapped TEXT NOT NULL,
  at      BIGINT NOT NULL
);
