-- Weather readings of one load set.
CREATE TABLE IF NOT EXISTS staging.weather (
    origin       VARCHAR(3) NOT NULL,
    time_hour    TIMESTAMP NOT NULL,
    temp         DOUBLE PRECISION,
    dewp         DOUBLE PRECISION,
    humid        DOUBLE PRECISION,
    wind_dir     DOUBLE PRECISION,
    wind_speed   DOUBLE PRECISION,
    wind_gust    DOUBLE PRECISION,
    precip       DOUBLE PRECISION,
    pressure     DOUBLE PRECISION,
    visib        DOUBLE PRECISION,
    reading_date DATE NOT NULL
)
DISTSTYLE EVEN;
