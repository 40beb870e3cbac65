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
-- The versions: what changed ends now, and what has no version that is valid now begins one. Equal rows change nothing.
UPDATE flights.dim_carriers_history SET valid_to = GETDATE()
FROM staging.airlines AS changes
WHERE dim_carriers_history.carrier = changes.carrier AND dim_carriers_history.valid_to IS NULL AND (
    dim_carriers_history.name <> changes.name OR (dim_carriers_history.name IS NULL) <> (changes.name IS NULL)
);
INSERT INTO flights.dim_carriers_history (carrier, name, valid_from, valid_to)
SELECT changes.carrier, changes.name, GETDATE(), NULL
FROM staging.airlines AS changes
LEFT JOIN flights.dim_carriers_history AS known ON known.carrier = changes.carrier AND known.valid_to IS NULL
WHERE known.carrier IS NULL;
