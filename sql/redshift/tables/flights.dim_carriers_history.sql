-- An airline's versions (slowly changing dimension of type 2); valid_to is null for the one that is valid now.
CREATE TABLE IF NOT EXISTS flights.dim_carriers_history (
    carrier VARCHAR(8) NOT NULL ENCODE RAW,
    name    VARCHAR(128) NOT NULL ENCODE ZSTD,
    valid_from TIMESTAMP NOT NULL ENCODE AZ64,
    valid_to TIMESTAMP ENCODE AZ64,
    PRIMARY KEY (carrier, valid_from)
)
DISTSTYLE ALL
SORTKEY (carrier, valid_from);
