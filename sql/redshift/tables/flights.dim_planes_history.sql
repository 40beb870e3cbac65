-- A plane's versions (slowly changing dimension of type 2); valid_to is null for the one that is valid now.
CREATE TABLE IF NOT EXISTS flights.dim_planes_history (
    tailnum      VARCHAR(8) NOT NULL ENCODE RAW,
    year         INTEGER ENCODE AZ64,
    type         VARCHAR(64) ENCODE ZSTD,
    manufacturer VARCHAR(64) ENCODE ZSTD,
    model        VARCHAR(64) ENCODE ZSTD,
    engines      INTEGER ENCODE AZ64,
    seats        INTEGER ENCODE AZ64,
    speed        INTEGER ENCODE AZ64,
    engine       VARCHAR(64) ENCODE ZSTD,
    valid_from TIMESTAMP NOT NULL ENCODE AZ64,
    valid_to TIMESTAMP ENCODE AZ64,
    PRIMARY KEY (tailnum, valid_from)
)
DISTSTYLE ALL
SORTKEY (tailnum, valid_from);
