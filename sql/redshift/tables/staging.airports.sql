-- Airports of one load set.
CREATE TABLE IF NOT EXISTS staging.airports (
    faa   VARCHAR(8) NOT NULL,
    name  VARCHAR(128) NOT NULL,
    lat   DOUBLE PRECISION,
    lon   DOUBLE PRECISION,
    alt   INTEGER,
    tz    INTEGER,
    dst   VARCHAR(8),
    tzone VARCHAR(64)
)
DISTSTYLE EVEN;
