CREATE TABLE match_facility (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  place      TEXT NOT NULL,
  lng        DOUBLE PRECISION NOT NULL,
  lat        DOUBLE PRECISION NOT NULL,
  org_id     TEXT NOT NULL DEFAULT '',
  specs      JSONB NOT NULL,
  capacity   BIGINT NOT NULL,
  slot_min   BIGINT NOT NULL,
  hours      JSONB NOT NULL,
  step_free  BOOLEAN NOT NULL,
  active     BOOLEAN NOT NULL,
  rev        BIGINT NOT NULL
);
CREATE INDEX match_facility_place ON match_facility (place);

-- The open slots of the coming days; booked and used count people.
CREATE TABLE match_slot (
  facility_id   TEXT NOT NULL REFERENCES match_facility (id),
  slot_start    BIGINT NOT NULL,
  slot_end      BIGINT NOT NULL,
  capacity      BIGINT NOT NULL,
  booked        BIGINT NOT NULL DEFAULT 0,
  used          BIGINT NOT NULL DEFAULT 0,
  closed_reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (facility_id, slot_start)
);
CREATE INDEX match_slot_start ON match_slot (slot_start);

CREATE TABLE match_booking (
  id          TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL,
  slot_start  BIGINT NOT NULL,
  slot_end    BIGINT NOT NULL,
  order_id    TEXT NOT NULL UNIQUE,
  resident_id TEXT NOT NULL DEFAULT '',
  place       TEXT NOT NULL,
  persons     BIGINT NOT NULL,
  code        TEXT NOT NULL,
  state       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  rev         BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX match_booking_slot ON match_booking (facility_id, slot_start);
CREATE INDEX match_booking_resident ON match_booking (resident_id, slot_start);

-- Who served whom, for continuity of carer.
CREATE TABLE match_served (
  resident_id TEXT NOT NULL,
  worker_id   TEXT NOT NULL,
  times       BIGINT NOT NULL,
  last_at     BIGINT NOT NULL,
  PRIMARY KEY (resident_id, worker_id)
);

-- The ratings of a worker, summed.
CREATE TABLE match_worker (
  worker_id TEXT PRIMARY KEY,
  stars     BIGINT NOT NULL,
  ratings   BIGINT NOT NULL
);

CREATE VIEW match_pub_usage AS
SELECT s.facility_id, f.place, s.slot_start, s.slot_end, s.capacity, s.booked, s.used, s.closed_reason
FROM match_slot s JOIN match_facility f ON f.id = s.facility_id;
