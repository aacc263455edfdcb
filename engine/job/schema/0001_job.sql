-- Work to do at a time. A row exists until its handler's transaction commits; the
-- lease of a running job is the lock on its row, which dies with the process.
CREATE TABLE job_timer (
	kind   TEXT NOT NULL,
	key    TEXT NOT NULL,
	due    BIGINT NOT NULL,            -- as it was set
	run_at BIGINT NOT NULL,            -- due, or the next try
	try    BIGINT NOT NULL DEFAULT 0,
	data   TEXT NOT NULL,
	error  TEXT NOT NULL DEFAULT '',   -- of the last try
	PRIMARY KEY (kind, key)
);
CREATE INDEX job_timer_run_at ON job_timer (run_at);
