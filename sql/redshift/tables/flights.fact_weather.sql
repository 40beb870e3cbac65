-- One row an airport and hour.
CREATE TABLE IF NOT EXISTS flights.fact_weather (
    origin       VARCHAR(3) NOT NULL ENCODE BYTEDICT,
    time_hour    TIMESTAMP NOT NULL ENCODE RAW,
    temp         DOUBLE PRECISION ENCODE RAW,
    dewp         DOUBLE PRECISION ENCODE RAW,
    humid        DOUBLE PRECISION ENCODE RAW,
    wind_dir     DOUBLE PRECISION ENCODE RAW,
    wind_speed   DOUBLE PRECISION ENCODE RAW,
    wind_gust    DOUBLE PRECISION ENCODE RAW,
    precip       DOUBLE PRECISION ENCODE RAW,
    pressure     DOUBLE PRECISION ENCODE RAW,
    visib        DOUBLE PRECISION ENCODE RAW,
    reading_date DATE NOT NULL ENCODE AZ64,
    PRIMARY KEY (origin, time_hour)
)
DISTSTYLE ALL
SORTKEY (time_hour);
