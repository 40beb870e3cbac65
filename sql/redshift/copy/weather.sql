-- The load set of weather into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.weather;
COPY staging.weather
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
