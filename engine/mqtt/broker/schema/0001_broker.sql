-- The last retained message of every topic, for subscribers to come.
CREATE TABLE broker_retained (
    topic      TEXT PRIMARY KEY,
    payload    {{bytes}} NOT NULL,
    qos        BIGINT NOT NULL,
    properties TEXT NOT NULL,  -- JSON, of MQTT 5
    at         BIGINT NOT NULL,
    until      BIGINT NOT NULL -- seconds since 1970; 0 means without end
);
