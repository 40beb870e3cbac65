-- The raw zone in place, hot and cold: what S3's lifecycle moved to Glacier fails with InvalidObjectState until it is
-- restored (make restore URL=s3://…-raw/flights/2013/01/ DAYS=3, then 5 hours at the Standard tier).
CREATE EXTERNAL SCHEMA IF NOT EXISTS raw_lake
FROM DATA CATALOG
DATABASE 'lakeshift_raw'
IAM_ROLE default;
