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
