-- The ways of each imported map as geo/walk writes them, for travel times. They are
-- no personal data and are read whole, once.
CREATE TABLE resident_ways (
  place TEXT PRIMARY KEY, -- the area the map was imported for
  graph {{bytes}} NOT NULL,
  at    BIGINT NOT NULL
);
