-- One document per row: the catalog is read whole into memory and edited row by row.
CREATE TABLE catalog_row (
  kind       TEXT NOT NULL,            -- category, item, spec, sla, price, word; seed holds the digest of the seeds loaded
  code       TEXT NOT NULL,
  pos        BIGINT NOT NULL,          -- order on the screen
  rev        BIGINT NOT NULL,
  body       JSONB NOT NULL,
  gone       BIGINT NOT NULL DEFAULT 0, -- when it was deleted; kept so that a seed does not bring it back
  edited_at  BIGINT NOT NULL DEFAULT 0,
  edited_by  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, code)
);

CREATE TABLE catalog_sop (
  id           TEXT PRIMARY KEY,       -- "elder-care@2"
  sop          TEXT NOT NULL,
  version      BIGINT NOT NULL,
  state        TEXT NOT NULL,          -- draft, trial, published, retired
  rev          BIGINT NOT NULL,
  body         JSONB NOT NULL,
  created_at   BIGINT NOT NULL,
  created_by   TEXT NOT NULL DEFAULT '',
  published_at BIGINT NOT NULL DEFAULT 0,
  published_by TEXT NOT NULL DEFAULT '',
  retired_at   BIGINT NOT NULL DEFAULT 0,
  UNIQUE (sop, version)
);
-- At most one version of a procedure is the one that new orders pin.
CREATE UNIQUE INDEX catalog_sop_published ON catalog_sop (sop) WHERE state = 'published';
