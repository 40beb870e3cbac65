-- The last loads: rows, bytes and how they ended.
SELECT start_time, TRIM(table_name) AS table_name, status, loaded_rows, error_count, source_file_count, source_file_bytes
FROM sys_load_history
ORDER BY start_time DESC
LIMIT 100;
