"""The sample's transform stages as two scripts: as the jobs do them, and as one would write them first."""
