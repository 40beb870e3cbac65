-- Staging into flights.dim_airports: a row known already is replaced.
MERGE INTO flights.dim_airports
USING staging.airports AS changes
ON dim_airports.faa = changes.faa
WHEN MATCHED THEN UPDATE SET
    name = changes.name,
    lat = changes.lat,
    lon = changes.lon,
    alt = changes.alt,
    tz = changes.tz,
    dst = changes.dst,
    tzone = changes.tzone
WHEN NOT MATCHED THEN INSERT (
    faa, name, lat, lon, alt, tz, dst, tzone
) VALUES (
    changes.faa, changes.name, changes.lat, changes.lon, changes.alt, changes.tz, changes.dst, changes.tzone
);
