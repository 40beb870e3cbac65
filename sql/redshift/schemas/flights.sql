-- Facts, dimensions and views of the flights sample.
CREATE SCHEMA IF NOT EXISTS flights;
