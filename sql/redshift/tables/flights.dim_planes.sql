-- Planes by their tail number.
CREATE TABLE IF NOT EXISTS flights.dim_planes (
    tailnum      VARCHAR(8) NOT NULL ENCODE RAW,
    year         INTEGER ENCODE AZ64,
    type         VARCHAR(64) ENCODE ZSTD,
    manufacturer VARCHAR(64) ENCODE ZSTD,
    model        VARCHAR(64) ENCODE ZSTD,
    engines      INTEGER ENCODE AZ64,
    seats        INTEGER ENCODE AZ64,
    speed        INTEGER ENCODE AZ64,
    engine       VARCHAR(64) ENCODE ZSTD,
    PRIMARY KEY (tailnum)
)
DISTSTYLE ALL
SORTKEY (tailnum);
