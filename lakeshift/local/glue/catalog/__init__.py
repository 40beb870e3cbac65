"""The Data Catalog: databases, tables, partitions, indexes, search."""
