-- The load set of airports into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.airports;
COPY staging.airports
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
