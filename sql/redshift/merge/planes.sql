-- Staging into flights.dim_planes: a row known already is replaced.
MERGE INTO flights.dim_planes
USING staging.planes AS changes
ON dim_planes.tailnum = changes.tailnum
WHEN MATCHED THEN UPDATE SET
    year = changes.year,
    type = changes.type,
    manufacturer = changes.manufacturer,
    model = changes.model,
    engines = changes.engines,
    seats = changes.seats,
    speed = changes.speed,
    engine = changes.engine
WHEN NOT MATCHED THEN INSERT (
    tailnum, year, type, manufacturer, model, engines, seats, speed, engine
) VALUES (
    changes.tailnum, changes.year, changes.type, changes.manufacturer, changes.model, changes.engines, changes.seats, changes.speed, changes.engine
);
-- The versions: what changed ends now, and what has no version that is valid now begins one. Equal rows change nothing.
UPDATE flights.dim_planes_history SET valid_to = GETDATE()
FROM staging.planes AS changes
WHERE dim_planes_history.tailnum = changes.tailnum AND dim_planes_history.valid_to IS NULL AND (
    dim_planes_history.year <> changes.year OR (dim_planes_history.year IS NULL) <> (changes.year IS NULL)
    OR dim_planes_history.type <> changes.type OR (dim_planes_history.type IS NULL) <> (changes.type IS NULL)
    OR dim_planes_history.manufacturer <> changes.manufacturer OR (dim_planes_history.manufacturer IS NULL) <> (changes.manufacturer IS NULL)
    OR dim_planes_history.model <> changes.model OR (dim_planes_history.model IS NULL) <> (changes.model IS NULL)
    OR dim_planes_history.engines <> changes.engines OR (dim_planes_history.engines IS NULL) <> (changes.engines IS NULL)
    OR dim_planes_history.seats <> changes.seats OR (dim_planes_history.seats IS NULL) <> (changes.seats IS NULL)
    OR dim_planes_history.speed <> changes.speed OR (dim_planes_history.speed IS NULL) <> (changes.speed IS NULL)
    OR dim_planes_history.engine <> changes.engine OR (dim_planes_history.engine IS NULL) <> (changes.engine IS NULL)
);
INSERT INTO flights.dim_planes_history (tailnum, year, type, manufacturer, model, engines, seats, speed, engine, valid_from, valid_to)
SELECT changes.tailnum, changes.year, changes.type, changes.manufacturer, changes.model, changes.engines, changes.seats, changes.speed, changes.engine, GETDATE(), NULL
FROM staging.planes AS changes
LEFT JOIN flights.dim_planes_history AS known ON known.tailnum = changes.tailnum AND known.valid_to IS NULL
WHERE known.tailnum IS NULL;
