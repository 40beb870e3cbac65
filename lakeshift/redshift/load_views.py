"""The system views of loads and unloads: what STL_ and SYS_ tables tell of them.

https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_HISTORY.html
"""

from __future__ import annotations

from typing import Final

__all__ = ["DURATION", "LOAD_DDL", "LOAD_VIEWS"]

# Columns added since the first state files were written.
LOAD_DDL: Final = (
    "ALTER TABLE _lakeshift.load_errors ADD COLUMN IF NOT EXISTS position BIGINT",
    "ALTER TABLE _lakeshift.load_errors ADD COLUMN IF NOT EXISTS session BIGINT",
    "ALTER TABLE _lakeshift.loads ADD COLUMN IF NOT EXISTS format VARCHAR",
    "ALTER TABLE _lakeshift.loads ADD COLUMN IF NOT EXISTS session BIGINT",
    "ALTER TABLE _lakeshift.loads ADD COLUMN IF NOT EXISTS options VARCHAR",
    "CREATE TABLE IF NOT EXISTS _lakeshift.external_scans (query BIGINT, database VARCHAR, tbl VARCHAR, "
    "format VARCHAR, total_partitions BIGINT, qualified_partitions BIGINT, files BIGINT, bytes BIGINT, "
    "location VARCHAR, "
    "starttime TIMESTAMP)",
)
_HERE: Final = "database = getvariable('database')"
DURATION: Final = "CAST(epoch_us(endtime) - epoch_us(starttime) AS BIGINT)"  # microseconds
_NOTHING: Final = "CAST(0 AS BIGINT)"
LOAD_VIEWS: Final[dict[str, str]] = {
    "stl_load_errors": (
        "SELECT 100 AS userid, 0 AS slice, tbl, starttime, coalesce(session, 0) AS session, query, filename, "
        "line_number, colname, type, col_length, coalesce(position, 0) AS position, raw_line, raw_field_value, "
        f"err_code, err_reason, 0 AS is_partial, 0 AS start_offset FROM _lakeshift.load_errors WHERE {_HERE}"
    ),
    "stl_loaderror_detail": (
        "SELECT 100 AS userid, 0 AS slice, coalesce(session, 0) AS session, query, filename, line_number, 0 AS field, "
        "colname, raw_field_value AS value, CASE WHEN raw_field_value = '' THEN 1 ELSE 0 END AS is_null, type, "
        f"col_length FROM _lakeshift.load_errors WHERE {_HERE}"
    ),
    "sys_load_error_detail": (
        "SELECT 100 AS user_id, query AS query_id, query AS transaction_id, coalesce(session, 0) AS session_id, "
        "starttime AS start_time, database AS database_name, tbl AS table_name, filename AS file_name, line_number, "
        "colname AS column_name, type AS column_type, col_length AS column_length, coalesce(position, 0) AS "
        f"position, err_code AS error_code, err_reason AS error_message, raw_field_value "
        f"FROM _lakeshift.load_errors WHERE {_HERE}"
    ),
    "stl_load_commits": (
        "SELECT 100 AS userid, query, 0 AS slice, filename AS name, filename, 0 AS byte_offset, lines AS "
        f"lines_scanned, 0 AS errors, curtime, 1 AS status, 'S3' AS file_format FROM _lakeshift.load_files "
        f"WHERE {_HERE}"
    ),
    "stl_file_scan": (
        "SELECT 100 AS userid, query, 0 AS slice, filename AS name, lines, bytes, 0 AS loadtime, curtime "
        f"FROM _lakeshift.load_files WHERE {_HERE}"
    ),
    "stv_load_state": (
        "SELECT 100 AS userid, 0 AS session, query, 0 AS slice, CAST(0 AS BIGINT) AS pid, curtime AS recordtime, bytes "
        "AS bytes_to_load, bytes AS bytes_loaded, 0 AS bytes_to_load_compressed, 0 AS bytes_loaded_compressed, lines, "
        "1 AS num_files, 1 AS num_files_complete, filename AS current_file, 100 AS pct_complete "
        "FROM _lakeshift.load_files WHERE false"
    ),
    "stl_replacements": (
        "SELECT 100 AS userid, query, 0 AS slice, tbl, starttime, 0 AS session, filename, line_number, colname, "
        "raw_line FROM _lakeshift.load_errors WHERE false"
    ),
    "sys_load_history": (
        "SELECT 100 AS user_id, query AS query_id, query AS transaction_id, coalesce(session, 0) AS session_id, "
        "database AS database_name, tbl AS table_name, status, starttime AS start_time, endtime AS end_time, "
        f"{DURATION} AS duration, source AS data_source, "
        "coalesce(format, 'text') AS file_format, loaded_rows, bytes AS loaded_bytes, files AS source_file_count, "
        "bytes AS source_file_bytes, files AS file_count_scanned, bytes AS file_bytes_scanned, error_count, "
        f"options AS copy_options FROM _lakeshift.loads WHERE {_HERE}"
    ),
    "stl_unload_log": (
        "SELECT 100 AS userid, query, 0 AS slice, CAST(0 AS BIGINT) AS pid, path, curtime AS start_time, curtime AS "
        f"end_time, lines AS line_count, bytes AS transfer_size, 'text' AS file_format "
        f"FROM _lakeshift.unloads WHERE {_HERE}"
    ),
    "sys_unload_history": (
        "SELECT 100 AS user_id, query AS query_id, query AS transaction_id, CAST(0 AS BIGINT) AS session_id, "
        "database AS database_name, 'completed' AS status, min(curtime) AS start_time, max(curtime) AS end_time, "
        f"{_NOTHING} AS duration, CAST(sum(lines) AS BIGINT) AS unloaded_rows, count(*) AS unloaded_files_count, "
        "CAST(sum(bytes) AS BIGINT) AS unloaded_files_size, 0 AS error_count "
        f"FROM _lakeshift.unloads WHERE {_HERE} GROUP BY query, database"
    ),
    "sys_unload_detail": (
        "SELECT 100 AS user_id, query AS query_id, database AS database_name, path AS file_name, lines AS line_count, "
        f"bytes AS transfer_size, curtime AS end_time FROM _lakeshift.unloads WHERE {_HERE}"
    ),
    "sys_external_query_detail": (
        "SELECT 100 AS user_id, query AS query_id, starttime AS start_time, 'S3' AS source_type, "
        "format AS file_format, tbl AS table_name, location AS file_location, total_partitions, qualified_partitions, "
        f"files AS scanned_files, bytes AS total_file_size FROM _lakeshift.external_scans WHERE {_HERE}"
    ),
    "svl_s3partition": (
        "SELECT 100 AS userid, query, 0 AS segment, starttime, tbl AS external_table_name, total_partitions, "
        f"qualified_partitions FROM _lakeshift.external_scans WHERE {_HERE}"
    ),
    "svl_s3query_summary": (
        "SELECT 100 AS userid, query, starttime, tbl AS external_table_name, format AS file_format, files, "
        "total_partitions, qualified_partitions, bytes AS s3_scanned_bytes "
        f"FROM _lakeshift.external_scans WHERE {_HERE}"
    ),
}
