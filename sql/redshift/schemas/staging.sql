-- Load sets on their way in; holds the rows of the latest load of each table.
CREATE SCHEMA IF NOT EXISTS staging;
