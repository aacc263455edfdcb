-- The generation grows whenever something that nodes keep in memory becomes void:
-- a forgotten person, a line that is gone.
CREATE TABLE series_state (
	id         INTEGER PRIMARY KEY,
	generation BIGINT NOT NULL
);
INSERT INTO series_state (id, generation) VALUES (1, 0);

-- Persons who own or owned samples. A row with forgotten_at stays for ever, so that
-- late data of the person is refused.
CREATE TABLE series_subject (
	number       {{serial}},
	subject      TEXT NOT NULL UNIQUE,
	forgotten_at BIGINT
);

-- A line is one series. subject is 0 for things that are nobody's.
CREATE TABLE series_line (
	number  {{serial}},
	source  TEXT NOT NULL,
	metric  TEXT NOT NULL,
	subject BIGINT NOT NULL,
	class   TEXT NOT NULL,
	due     BIGINT NOT NULL, -- when retention looks at it next
	UNIQUE (source, metric, subject)
);
CREATE INDEX series_line_subject ON series_line (subject);
CREATE INDEX series_line_due ON series_line (due, number);

-- What an Append brought for the 2,048 lines of a block, until it is folded away.
CREATE TABLE series_tail (
	seq   {{serial}},
	block BIGINT NOT NULL,
	bytes {{bytes}} NOT NULL
);
CREATE INDEX series_tail_block ON series_tail (block, seq);

-- The latest folded sample of each line of a block.
CREATE TABLE series_last (
	block BIGINT PRIMARY KEY,
	bytes {{bytes}} NOT NULL
);

-- The newest chunk of a line, still growing; it holds 1 to 240 samples.
CREATE TABLE series_open (
	line  INTEGER PRIMARY KEY,
	t0    BIGINT NOT NULL,
	t1    BIGINT NOT NULL,
	n     BIGINT NOT NULL,
	bytes {{bytes}} NOT NULL
);

-- Closed chunks, apart in time within a stream: 0 raw samples, 1 to 4 the count,
-- sum, least and greatest of each hour.
CREATE TABLE series_chunk (
	line   INTEGER NOT NULL,
	stream INTEGER NOT NULL,
	t0     BIGINT NOT NULL,
	t1     BIGINT NOT NULL,
	n      BIGINT NOT NULL,
	bytes  {{bytes}} NOT NULL,
	PRIMARY KEY (line, stream, t0)
);
