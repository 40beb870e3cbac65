-- Which load sets were taken over; written in the load's own transaction.
CREATE TABLE IF NOT EXISTS flights.load_history (
    pipeline_run_id VARCHAR(128)  NOT NULL ENCODE ZSTD,
    load_set        VARCHAR(64)   NOT NULL ENCODE ZSTD,
    manifest        VARCHAR(1024) NOT NULL ENCODE ZSTD,
    rows_loaded     BIGINT        NOT NULL ENCODE AZ64,
    loaded_at       TIMESTAMP     NOT NULL ENCODE RAW,
    PRIMARY KEY (pipeline_run_id, load_set)
)
DISTSTYLE ALL
SORTKEY (loaded_at);
