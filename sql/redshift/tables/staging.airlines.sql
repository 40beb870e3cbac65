-- Airlines of one load set.
CREATE TABLE IF NOT EXISTS staging.airlines (
    carrier VARCHAR(8) NOT NULL,
    name    VARCHAR(128) NOT NULL
)
DISTSTYLE EVEN;
