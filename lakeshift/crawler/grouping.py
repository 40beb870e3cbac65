"""Folders to tables and partitions, bottom-up.

A folder whose children are alike is a table (or part of one above) and the children are its partitions; where they
are not, every child is a table of its own. Files beside folders split them too.
See https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lakeshift.crawler.plan import Decision
from lakeshift.crawler.reading import UNKNOWN
from lakeshift.crawler.similarity import Verdict, alike
from lakeshift.crawler.tree import File, Folder
from lakeshift.crawler.types import Column, merge_columns

__all__ = ["Grouping", "Unit"]

Schema = tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """Objects that make one table so far.

    ``path`` is the key prefix of a folder, or the key of a single object; ``leaves`` are the partitions: their folder
    names (one a level) and files; an unpartitioned unit has the one leaf ``()``.
    """

    name: str
    path: str
    levels: int
    leaves: tuple[tuple[tuple[str, ...], tuple[File, ...]], ...]
    schema: Schema
    kind: tuple[str, ...]

    @property
    def unknown(self) -> bool:
        """Whether no classifier recognised anything in it."""
        return self.kind[0] == UNKNOWN


@dataclass(slots=True)
class Grouping:
    """Groups one tree whose files have been read.

    ``split`` are key prefixes of folders that are no table because tables of the catalog lie below them.
    """

    combine: bool = False
    level: int = 0
    bucket: str = ""
    split: frozenset[str] = frozenset()
    decisions: list[Decision] = field(default_factory=list)
    _schemas: dict[Schema, Schema] = field(default_factory=dict)

    def units(self, folder: Folder) -> list[Unit]:
        """The tables of a folder, in the order of their paths."""
        children = [self.units(child) for child in folder.folders.values()]
        files = self._recognised(folder.read)
        if not children:
            return self._of_files(folder, files)
        if files or folder.empty:
            beside = "files" if files else "empty files"
            self._tell(folder, f"{beside} beside folders: a table for each")
            return [*(self._single(file) for file in files), *(unit for child in children for unit in child)]
        return self._of_folders(folder, children)

    def _of_files(self, folder: Folder, files: list[File]) -> list[Unit]:
        if not files:
            return []
        schemas = [self._same(file.reading.columns) for file in files]
        verdict = alike(schemas, [file.reading.kind for file in files], combine=self.combine)
        if not verdict.together:
            self._tell(folder, f"{len(files)} files are a table each: {verdict.because}")
            return [self._single(file) for file in files]
        schema = self._merged(schemas)
        return [Unit(folder.name, folder.path, 0, (((), tuple(files)),), schema, files[0].reading.kind)]

    def _of_folders(self, folder: Folder, children: list[list[Unit]]) -> list[Unit]:
        units = [unit for child in children for unit in child]
        known = [unit for unit in units if not unit.unknown]
        for unit in units if known else ():
            if unit.unknown:
                self.decisions.append(Decision(self._url(unit.path), "left out: no classifier recognises it"))
        units = known or units
        verdict = self._verdict(folder, units)
        if not verdict.together:
            if units:
                self._tell(folder, f"{len(units)} tables: {verdict.because}")
            return units
        if len(units) > 1:
            self._tell(folder, f"{len(units)} folders are partitions of one table: {verdict.because}")
        leaves = tuple(((_tail(folder, unit), *values), files) for unit in units for values, files in unit.leaves)
        schema = self._merged([unit.schema for unit in units])
        return [Unit(folder.name, folder.path, units[0].levels + 1, leaves, schema, units[0].kind)]

    def _verdict(self, folder: Folder, units: list[Unit]) -> Verdict:
        if not units:
            return Verdict(False, "no data")
        if folder.path in self.split:
            return Verdict(False, "tables of the catalog lie below this folder")
        depth = 1 + folder.path.count("/")
        if depth < self.level:
            return Verdict(False, f"tables are at level {self.level} (TableLevelConfiguration), this is level {depth}")
        if any(unit.path.rpartition("/")[0].rpartition("/")[0] != folder.path.rstrip("/") for unit in units):
            return Verdict(False, "a folder below holds more than one table")
        if len({unit.levels for unit in units}) > 1:
            return Verdict(False, "the folders are not equally deep")
        return alike([unit.schema for unit in units], [unit.kind for unit in units], combine=self.combine)

    def _recognised(self, files: list[File]) -> list[File]:
        known = [file for file in files if file.reading.classification != UNKNOWN]
        if known and len(known) < len(files):
            for file in files:
                if file.reading.classification == UNKNOWN:
                    told = "; ".join(note.text for note in file.reading.notes)
                    self.decisions.append(Decision(self._url(file.info.key), f"left out: {told}"))
        return known or files

    def _single(self, file: File) -> Unit:
        key = file.info.key
        schema = self._same(file.reading.columns)
        return Unit(key.rpartition("/")[2], key, 0, (((), (file,)),), schema, file.reading.kind)

    def _same(self, schema: Schema) -> Schema:
        """One object for equal schemas, so that thousands of partitions compare by identity."""
        return self._schemas.setdefault(schema, schema)

    def _merged(self, schemas: Iterable[Schema]) -> Schema:
        distinct = list({id(schema): schema for schema in schemas}.values())
        return distinct[0] if len(distinct) == 1 else self._same(merge_columns(distinct))

    def _tell(self, folder: Folder, text: str) -> None:
        self.decisions.append(Decision(self._url(folder.path), text))

    def _url(self, path: str) -> str:
        return f"s3://{self.bucket}/{path}"


def _tail(folder: Folder, unit: Unit) -> str:
    return unit.path[len(folder.path) :].rstrip("/")
