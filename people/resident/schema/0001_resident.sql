CREATE TABLE resident_place (
  place      TEXT PRIMARY KEY,
  parent     TEXT NOT NULL,
  depth      BIGINT NOT NULL,
  name       TEXT NOT NULL,
  address    TEXT NOT NULL DEFAULT '',
  lng        DOUBLE PRECISION NOT NULL DEFAULT 0,
  lat        DOUBLE PRECISION NOT NULL DEFAULT 0,
  west       DOUBLE PRECISION NOT NULL DEFAULT 0,
  south      DOUBLE PRECISION NOT NULL DEFAULT 0,
  east       DOUBLE PRECISION NOT NULL DEFAULT 0,
  north      DOUBLE PRECISION NOT NULL DEFAULT 0,
  shape      TEXT NOT NULL DEFAULT '',            -- GeoJSON geometry, WGS-84
  height     DOUBLE PRECISION NOT NULL DEFAULT 0, -- meters; 0 unknown
  base       DOUBLE PRECISION NOT NULL DEFAULT 0, -- meters above ground where the building begins
  levels     BIGINT NOT NULL DEFAULT 0,
  height_by  TEXT NOT NULL DEFAULT '',            -- tagged, parts, levels, estimated or clerk
  source     TEXT NOT NULL DEFAULT '',
  source_id  TEXT NOT NULL DEFAULT '',
  updated_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX resident_place_parent ON resident_place (parent, place);
CREATE INDEX resident_place_box ON resident_place (depth, west);
CREATE UNIQUE INDEX resident_place_source ON resident_place (source, source_id) WHERE source_id <> '';

CREATE TABLE resident_alias (
  place TEXT NOT NULL REFERENCES resident_place (place),
  name  TEXT NOT NULL,
  PRIMARY KEY (place, name)
);

{{search resident_place_search}};

-- Roads, water and green of the map, only to be drawn.
CREATE TABLE resident_feature (
  id     TEXT PRIMARY KEY,
  layer  TEXT NOT NULL,
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL DEFAULT '',
  west   DOUBLE PRECISION NOT NULL,
  south  DOUBLE PRECISION NOT NULL,
  east   DOUBLE PRECISION NOT NULL,
  north  DOUBLE PRECISION NOT NULL,
  shape  TEXT NOT NULL,
  source TEXT NOT NULL
);
CREATE INDEX resident_feature_layer ON resident_feature (layer, west);

-- Counts changes of places, so that every node and browser notices.
CREATE TABLE resident_version (
  topic TEXT PRIMARY KEY,
  n     BIGINT NOT NULL
);
INSERT INTO resident_version (topic, n) VALUES ('place', 1);

CREATE TABLE resident_household (
  id         TEXT PRIMARY KEY,
  place      TEXT NOT NULL,
  address    TEXT NOT NULL DEFAULT '',
  number     TEXT NOT NULL DEFAULT '',   -- the household's number in the registers it was imported from
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX resident_household_place ON resident_household (place, id);
CREATE INDEX resident_household_number ON resident_household (number) WHERE number <> '';

CREATE TABLE resident_person (
  id           TEXT PRIMARY KEY,
  household_id TEXT NOT NULL DEFAULT '',
  relation     TEXT NOT NULL DEFAULT '',  -- GB/T 4761
  name         TEXT NOT NULL,
  sex          BIGINT NOT NULL DEFAULT 0, -- GB/T 2261.1
  birth        TEXT NOT NULL DEFAULT '',
  phone        TEXT NOT NULL DEFAULT '',
  place        TEXT NOT NULL,
  address      TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL,
  -- sealed under the person's key
  id_no        TEXT NOT NULL DEFAULT '',
  health       TEXT NOT NULL DEFAULT '',
  disability   TEXT NOT NULL DEFAULT '',
  aid          TEXT NOT NULL DEFAULT '',
  ability      TEXT NOT NULL DEFAULT '',
  care_groups  TEXT NOT NULL DEFAULT '',
  -- keyed hashes: find without opening
  id_mark      TEXT NOT NULL DEFAULT '',
  name_mark    TEXT NOT NULL DEFAULT '',
  import_mark  TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  rev          BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX resident_person_place ON resident_person (place, id);
CREATE INDEX resident_person_household ON resident_person (household_id) WHERE household_id <> '';
CREATE UNIQUE INDEX resident_person_id_mark ON resident_person (id_mark) WHERE id_mark <> '';
CREATE INDEX resident_person_name_mark ON resident_person (name_mark) WHERE name_mark <> '';

{{search resident_person_search}};

-- Special groups. The mark is the code of a group that says nothing sensitive,
-- else a keyed hash of it.
CREATE TABLE resident_group (
  person_id TEXT NOT NULL REFERENCES resident_person (id),
  mark      TEXT NOT NULL,
  PRIMARY KEY (person_id, mark)
);
CREATE INDEX resident_group_mark ON resident_group (mark, person_id);

CREATE TABLE resident_contact (
  id        TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES resident_person (id),
  name      TEXT NOT NULL,
  relation  TEXT NOT NULL DEFAULT '',
  phone     TEXT NOT NULL,
  rank      BIGINT NOT NULL,
  at        BIGINT NOT NULL
);
CREATE INDEX resident_contact_person ON resident_contact (person_id, rank);

-- Who may act for a resident; the account's right itself stands with the accounts.
CREATE TABLE resident_proxy (
  id        TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES resident_person (id),
  user_id   TEXT NOT NULL DEFAULT '',
  name      TEXT NOT NULL,
  relation  TEXT NOT NULL DEFAULT '',
  phone     TEXT NOT NULL DEFAULT '',
  from_at   BIGINT NOT NULL,
  ended_at  BIGINT NOT NULL DEFAULT 0,
  by_user   TEXT NOT NULL
);
CREATE INDEX resident_proxy_person ON resident_proxy (person_id, id);

-- Every text a resident was ever asked to agree to.
CREATE TABLE resident_consent_text (
  purpose TEXT NOT NULL,
  version BIGINT NOT NULL,
  zh      TEXT NOT NULL,
  en      TEXT NOT NULL,
  hash    TEXT NOT NULL,
  PRIMARY KEY (purpose, version)
);

CREATE TABLE resident_consent (
  id           TEXT PRIMARY KEY,
  person_id    TEXT NOT NULL REFERENCES resident_person (id),
  purpose      TEXT NOT NULL,
  version      BIGINT NOT NULL,
  hash         TEXT NOT NULL,
  channel      TEXT NOT NULL,
  witness      TEXT NOT NULL DEFAULT '',
  given_at     BIGINT NOT NULL,
  given_by     TEXT NOT NULL,
  withdrawn_at BIGINT NOT NULL DEFAULT 0,
  withdrawn_by TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX resident_consent_open ON resident_consent (person_id, purpose) WHERE withdrawn_at = 0;
CREATE INDEX resident_consent_person ON resident_consent (person_id, id);

CREATE TABLE resident_import (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  file       TEXT NOT NULL,
  sha256     TEXT NOT NULL,
  place      TEXT NOT NULL,
  by_user    TEXT NOT NULL,
  by_name    TEXT NOT NULL,
  at         BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL DEFAULT 0,
  report     JSONB NOT NULL
);
CREATE INDEX resident_import_place ON resident_import (place, id);

-- Keys of this slice, sealed by the vault.
CREATE TABLE resident_secret (
  name   TEXT PRIMARY KEY,
  sealed TEXT NOT NULL
);
