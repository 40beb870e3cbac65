-- Staging into flights.dim_carriers: a row known already is replaced.
MERGE INTO flights.dim_carriers
USING staging.airlines AS changes
ON dim_carriers.carrier = changes.carrier
WHEN MATCHED THEN UPDATE SET
    name = changes.name
WHEN NOT MATCHED THEN INSERT (
    carrier, name
) VALUES (
    changes.carrier, changes.name
);
