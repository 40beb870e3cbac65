"""The clean stage of the flights by other engines: a script each, ``python <engine>.py <raw folder> <out folder>``.

Each reads the raw lines, cleans, keeps the newest of equal flights and writes Parquet by date and region, and drops
what the stage puts into quarantine. They know of the dirt only what the generator makes, which makes them faster, not
slower; their answers are compared with the stage's.
"""

from __future__ import annotations
