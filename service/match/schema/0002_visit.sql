-- People who came without a booking: the evidence behind the seats they used.
CREATE TABLE match_visit (
  id          TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL REFERENCES match_facility (id),
  slot_start  BIGINT NOT NULL,
  persons     BIGINT NOT NULL,
  by_user     TEXT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX match_visit_slot ON match_visit (facility_id, slot_start);
