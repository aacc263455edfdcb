-- What governing the place cost, by month and kind, as the finance officer enters it.
CREATE TABLE insight_cost (
  month     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  fen       BIGINT NOT NULL,
  residents BIGINT NOT NULL,
  cpi       BIGINT NOT NULL,
  by_user   TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (month, kind)
);
