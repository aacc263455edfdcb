-- Recurring visits: what a resident is visited for, how often, and from when on. The
-- due days count from first_day, the number of the first is base.
CREATE TABLE recur_series (
  id          TEXT PRIMARY KEY,
  resident_id TEXT NOT NULL,
  place       TEXT NOT NULL,
  item        TEXT NOT NULL,
  spec        TEXT NOT NULL,
  every_n     BIGINT NOT NULL,
  every_unit  TEXT NOT NULL,
  within_days BIGINT NOT NULL,
  first_day   TEXT NOT NULL,
  until_day   TEXT NOT NULL DEFAULT '',
  base        BIGINT NOT NULL DEFAULT 0,
  from_min    BIGINT NOT NULL,
  to_min      BIGINT NOT NULL,
  length_s    BIGINT NOT NULL,
  prefer      JSONB NOT NULL,
  words       TEXT NOT NULL,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  made_at     BIGINT NOT NULL,
  ended_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX recur_series_resident ON recur_series (resident_id);
CREATE INDEX recur_series_place ON recur_series (place, id);

-- A due visit, the day it was given, and its order when it has been opened: one at most.
CREATE TABLE recur_visit (
  series_id TEXT NOT NULL,
  period    BIGINT NOT NULL,
  due_day   TEXT NOT NULL,
  day       TEXT NOT NULL,
  order_id  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (series_id, period)
);
CREATE INDEX recur_visit_day ON recur_visit (day);
