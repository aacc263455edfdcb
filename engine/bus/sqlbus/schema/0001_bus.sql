-- The log. On SQLite the single writer makes the order of seq the order of commits.
{{sqlite}} CREATE TABLE bus_event (
	seq   {{serial}},
	id    TEXT NOT NULL,
	kind  TEXT NOT NULL,
	key   TEXT NOT NULL,
	place TEXT NOT NULL,
	at    BIGINT NOT NULL,
	data  TEXT NOT NULL
);

-- On PostgreSQL a plain sequence would not do: its numbers are drawn before the
-- commit, so a reader could pass number 7 while number 6 is still uncommitted, and
-- would never see 6. Here seq is the transaction's number times 65,536 plus a count
-- within the transaction. Whatever is below the number of the oldest running
-- transaction can no longer change, and readers stop there (see horizon in sqlbus).
-- base lifts the numbers when a dump is restored into a server that counts from anew.
{{postgres}} CREATE TABLE bus_base (base BIGINT NOT NULL);
{{postgres}} INSERT INTO bus_base VALUES (0);
{{postgres}} CREATE FUNCTION bus_next_seq() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
	n BIGINT := COALESCE(NULLIF(current_setting('linli.bus_count', true), ''), '0')::bigint + 1;
BEGIN
	IF n > 65535 THEN
		RAISE EXCEPTION 'bus: more than 65535 events in one transaction';
	END IF;
	PERFORM set_config('linli.bus_count', n::text, true); -- forgotten with the transaction
	RETURN (SELECT base FROM bus_base) + (pg_current_xact_id()::text::bigint << 16) + n;
END $$;
{{postgres}} CREATE TABLE bus_event (
	seq   BIGINT PRIMARY KEY DEFAULT bus_next_seq(),
	id    TEXT NOT NULL,
	kind  TEXT NOT NULL,
	key   TEXT NOT NULL,
	place TEXT NOT NULL,
	at    BIGINT NOT NULL,
	data  TEXT NOT NULL
);

-- How far each subscription is, and which node delivers it until when (real time).
CREATE TABLE bus_cursor (
	name     TEXT PRIMARY KEY,
	seq      BIGINT NOT NULL DEFAULT 0, -- everything up to here is handled
	tries    BIGINT NOT NULL DEFAULT 0, -- failed ones of the event after seq
	retry_at BIGINT NOT NULL DEFAULT 0,
	at       BIGINT NOT NULL,           -- when somebody last cared for this row
	owner    TEXT NOT NULL DEFAULT '',
	until    BIGINT NOT NULL DEFAULT 0
);

-- Deliveries that were given up, with a copy of the event, which the log may forget.
CREATE TABLE bus_parked (
	subscription TEXT NOT NULL,
	seq          BIGINT NOT NULL,
	id           TEXT NOT NULL,
	kind         TEXT NOT NULL,
	key          TEXT NOT NULL,
	place        TEXT NOT NULL,
	at           BIGINT NOT NULL,
	data         TEXT NOT NULL,
	error        TEXT NOT NULL,
	parked_at    BIGINT NOT NULL,
	PRIMARY KEY (subscription, seq)
);
