-- Answers of creating requests, stored in the transaction of the effect, so that
-- a retried request is answered again instead of being carried out again.
CREATE TABLE web_answer (
  who    TEXT NOT NULL,
  key    TEXT NOT NULL,
  route  TEXT NOT NULL,
  body   TEXT NOT NULL,
  answer TEXT NOT NULL,
  at     BIGINT NOT NULL,
  PRIMARY KEY (who, key)
);
CREATE INDEX web_answer_at ON web_answer (at);
