-- The files of one run of the job __NAME__ in the place of those before.
-- DELETE and not TRUNCATE: TRUNCATE would commit the transaction half-way.
DELETE FROM __TARGET__;
COPY __TARGET__
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
