-- When the worker set out and was there, of an assignment that ended; 0: never.
ALTER TABLE dispatch_assignment ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dispatch_assignment ADD COLUMN began_at BIGINT NOT NULL DEFAULT 0;

-- How past days were dispatched, measured against the best that could have been made
-- of them. A day with orders still under way is judged again.
CREATE TABLE dispatch_accuracy (
  day         BIGINT PRIMARY KEY,
  figures     JSONB NOT NULL,
  provisional BIGINT NOT NULL,
  at          BIGINT NOT NULL
);
