-- Planes of one load set.
CREATE TABLE IF NOT EXISTS staging.planes (
    tailnum      VARCHAR(8) NOT NULL,
    year         INTEGER,
    type         VARCHAR(64),
    manufacturer VARCHAR(64),
    model        VARCHAR(64),
    engines      INTEGER,
    seats        INTEGER,
    speed        INTEGER,
    engine       VARCHAR(64)
)
DISTSTYLE EVEN;
