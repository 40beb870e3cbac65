-- What the last loads could not read: file, line, column and reason.
SELECT starttime, TRIM(filename) AS file, line_number, TRIM(colname) AS column_name, err_code, TRIM(err_reason) AS reason
FROM stl_load_errors
ORDER BY starttime DESC
LIMIT 100;
