"""The module that Glue's data quality scripts import; Glue has it built in, no package index does."""
