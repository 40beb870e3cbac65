-- The load set of planes into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.planes;
COPY staging.planes
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
