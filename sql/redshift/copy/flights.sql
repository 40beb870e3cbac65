-- The load set of flights into staging. DELETE and not TRUNCATE: TRUNCATE would commit the transaction.
DELETE FROM staging.flights_changes;
COPY staging.flights_changes
FROM '${manifest}'
IAM_ROLE '${iam_role}'
FORMAT AS PARQUET
MANIFEST;
-- A set that another run has taken over since this one looked is taken out again: nothing is loaded twice.
DELETE FROM staging.flights_changes
USING flights.load_history AS done
WHERE done.pipeline_run_id = '${pipeline_run_id}' AND done.load_set = '${load_set}';
