-- The load set of planes into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.planes;
COPY staging.planes
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
-- A set that another run has taken over since this one looked is taken out again: nothing is loaded twice.
DELETE FROM staging.planes
USING flights.load_history AS done
WHERE done.pipeline_run_id = '${pipeline_run_id}' AND done.load_set = '${load_set}';
