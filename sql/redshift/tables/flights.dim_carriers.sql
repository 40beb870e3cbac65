-- Airlines by their carrier code.
CREATE TABLE IF NOT EXISTS flights.dim_carriers (
    carrier VARCHAR(8) NOT NULL ENCODE RAW,
    name    VARCHAR(128) NOT NULL ENCODE ZSTD,
    PRIMARY KEY (carrier)
)
DISTSTYLE ALL
SORTKEY (carrier);
