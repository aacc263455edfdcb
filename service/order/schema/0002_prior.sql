-- What the resident was told before it changed; 0 when nothing told has changed.
ALTER TABLE order_order ADD COLUMN prior_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE order_order ADD COLUMN prior_to BIGINT NOT NULL DEFAULT 0;
