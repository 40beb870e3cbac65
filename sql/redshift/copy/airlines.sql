-- The load set of airlines into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.airlines;
COPY staging.airlines
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
