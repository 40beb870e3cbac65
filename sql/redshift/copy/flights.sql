-- The load set of flights into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.flights_changes;
COPY staging.flights_changes
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
