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
-- The versions: what changed ends now, and what has no version that is valid now begins one. Equal rows change nothing.
UPDATE flights.dim_airports_history SET valid_to = GETDATE()
FROM staging.airports AS changes
WHERE dim_airports_history.faa = changes.faa AND dim_airports_history.valid_to IS NULL AND (
    dim_airports_history.name <> changes.name OR (dim_airports_history.name IS NULL) <> (changes.name IS NULL)
    OR dim_airports_history.lat <> changes.lat OR (dim_airports_history.lat IS NULL) <> (changes.lat IS NULL)
    OR dim_airports_history.lon <> changes.lon OR (dim_airports_history.lon IS NULL) <> (changes.lon IS NULL)
    OR dim_airports_history.alt <> changes.alt OR (dim_airports_history.alt IS NULL) <> (changes.alt IS NULL)
    OR dim_airports_history.tz <> changes.tz OR (dim_airports_history.tz IS NULL) <> (changes.tz IS NULL)
    OR dim_airports_history.dst <> changes.dst OR (dim_airports_history.dst IS NULL) <> (changes.dst IS NULL)
    OR dim_airports_history.tzone <> changes.tzone OR (dim_airports_history.tzone IS NULL) <> (changes.tzone IS NULL)
);
INSERT INTO flights.dim_airports_history (faa, name, lat, lon, alt, tz, dst, tzone, valid_from, valid_to)
SELECT changes.faa, changes.name, changes.lat, changes.lon, changes.alt, changes.tz, changes.dst, changes.tzone, GETDATE(), NULL
FROM staging.airports AS changes
LEFT JOIN flights.dim_airports_history AS known ON known.faa = changes.faa AND known.valid_to IS NULL
WHERE known.faa IS NULL;
