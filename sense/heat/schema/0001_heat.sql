-- One row per demand that is understood: where, what, when, and who as a hash
-- that cannot be joined with the register.
CREATE TABLE heat_point (
  demand_id TEXT PRIMARY KEY,
  cell      TEXT NOT NULL,
  place     TEXT NOT NULL,
  item      TEXT NOT NULL,
  who       TEXT NOT NULL,
  at        BIGINT NOT NULL
);
CREATE INDEX heat_point_at ON heat_point (at);
