-- Rows of __DATABASE__.__TABLE__ by __KEY__, as of the last run of the job __NAME__.
CREATE TABLE IF NOT EXISTS __TARGET__ (
    __KEY__ VARCHAR(256) NOT NULL ENCODE ZSTD,
    row_count BIGINT NOT NULL ENCODE AZ64
)
DISTSTYLE ALL
SORTKEY (__KEY__);
