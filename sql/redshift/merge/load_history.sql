-- The load set is taken over: in the load's own transaction, and once, however often the load is tried.
INSERT INTO flights.load_history (pipeline_run_id, load_set, manifest, rows_loaded, loaded_at)
SELECT '${pipeline_run_id}', '${load_set}', '${manifest}', ${rows}, GETDATE()
WHERE NOT EXISTS (
    SELECT 1
    FROM flights.load_history
    WHERE pipeline_run_id = '${pipeline_run_id}' AND load_set = '${load_set}'
);
