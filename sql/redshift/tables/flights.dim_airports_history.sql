-- An airport's versions (slowly changing dimension of type 2); valid_to is null for the one that is valid now.
CREATE TABLE IF NOT EXISTS flights.dim_airports_history (
    faa   VARCHAR(8) NOT NULL ENCODE RAW,
    name  VARCHAR(128) NOT NULL ENCODE ZSTD,
    lat   DOUBLE PRECISION ENCODE RAW,
    lon   DOUBLE PRECISION ENCODE RAW,
    alt   INTEGER ENCODE AZ64,
    tz    INTEGER ENCODE AZ64,
    dst   VARCHAR(8) ENCODE ZSTD,
    tzone VARCHAR(64) ENCODE ZSTD,
    valid_from TIMESTAMP NOT NULL ENCODE AZ64,
    valid_to TIMESTAMP ENCODE AZ64,
    PRIMARY KEY (faa, valid_from)
)
DISTSTYLE ALL
SORTKEY (faa, valid_from);
