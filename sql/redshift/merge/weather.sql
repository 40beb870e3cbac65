-- Staging into flights.fact_weather: a row known already is replaced.
MERGE INTO flights.fact_weather
USING staging.weather AS changes
ON fact_weather.origin = changes.origin AND fact_weather.time_hour = changes.time_hour
WHEN MATCHED THEN UPDATE SET
    temp = changes.temp,
    dewp = changes.dewp,
    humid = changes.humid,
    wind_dir = changes.wind_dir,
    wind_speed = changes.wind_speed,
    wind_gust = changes.wind_gust,
    precip = changes.precip,
    pressure = changes.pressure,
    visib = changes.visib,
    reading_date = changes.reading_date
WHEN NOT MATCHED THEN INSERT (
    origin, time_hour, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib, reading_date
) VALUES (
    changes.origin, changes.time_hour, changes.temp, changes.dewp, changes.humid, changes.wind_dir, changes.wind_speed, changes.wind_gust, changes.precip, changes.pressure, changes.visib, changes.reading_date
);
