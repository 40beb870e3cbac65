-- Cold history: the marts in S3 as external tables, read in place. Runs outside of a transaction, after the first crawl.
CREATE EXTERNAL SCHEMA IF NOT EXISTS flights_lake
FROM DATA CATALOG
DATABASE 'lakeshift_marts'
IAM_ROLE default;
