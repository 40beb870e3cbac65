"""Column statistics of tables and partitions, as they are kept.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html (column statistics)
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import InvalidInputException

from lakeshift.local.glue.catalog.asked import TableAsked
from lakeshift.local.glue.catalog.lock import locked
from lakeshift.local.glue.catalog.table import LocalTable, Statistics, partition_key

__all__ = ["StatisticsResponses"]

_DATA: Final = "{}ColumnStatisticsData"


class StatisticsResponses(TableAsked):
    """How the API answers for column statistics."""

    @locked
    def update_column_statistics_for_table(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForTable.html."""
        table = self.asked_table()
        return _updated(table, self.parameters["ColumnStatisticsList"], table.statistics.__setitem__)

    @locked
    def get_column_statistics_for_table(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForTable.html."""
        return _told(self.asked_table().statistics, self.parameters["ColumnNames"])

    @locked
    def delete_column_statistics_for_table(self) -> EmptyResult:
        """Also where there are none; https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForTable.html."""
        self.asked_table().statistics.pop(self.parameters["ColumnName"], None)
        return EmptyResult()

    @locked
    def update_column_statistics_for_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForPartition.html."""
        table = self.asked_table()
        found = dict(self._of_partition(table))
        answer = _updated(table, self.parameters["ColumnStatisticsList"], found.__setitem__)
        table.partition_statistics[partition_key(self.parameters["PartitionValues"])] = found
        return answer

    @locked
    def get_column_statistics_for_partition(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForPartition.html."""
        return _told(self._of_partition(self.asked_table()), self.parameters["ColumnNames"])

    @locked
    def delete_column_statistics_for_partition(self) -> EmptyResult:
        """Also where there are none; https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForPartition.html."""
        table = self.asked_table()
        found = {name: one for name, one in self._of_partition(table).items() if name != self.parameters["ColumnName"]}
        table.partition_statistics[partition_key(self.parameters["PartitionValues"])] = found
        return EmptyResult()

    def _of_partition(self, table: LocalTable) -> Statistics:
        values = self.parameters["PartitionValues"]
        table.check_values(values)
        table.get_partition(values)
        return table.partition_statistics.get(partition_key(values), {})


def _updated(
    table: LocalTable, given: Iterable[dict[str, Any]], keep: Callable[[str, dict[str, Any]], None]
) -> ActionResult:
    errors = []
    for one in given:
        _check_data(one["StatisticsData"])
        if one["ColumnName"] in table.columns:
            keep(one["ColumnName"], one)
        else:
            detail = _missing(f"Column {one['ColumnName']} not found in the table.")
            errors.append({"ColumnStatistics": one, "Error": detail})
    return ActionResult({"Errors": errors})


def _check_data(data: Mapping[str, Any]) -> None:
    wanted = _DATA.format(data["Type"].capitalize())
    if data.get(wanted) is None:
        raise InvalidInputException("", f"StatisticsData of type {data['Type']} needs {wanted}.")


def _told(statistics: Mapping[str, dict[str, Any]], names: Iterable[str]) -> ActionResult:
    found, errors = [], []
    for name in names:
        if name in statistics:
            found.append(_with_bytes(statistics[name]))
        else:
            errors.append({"ColumnName": name, "Error": _missing(f"No column statistics found for column: {name}")})
    return ActionResult({"ColumnStatisticsList": found, "Errors": errors})


def _with_bytes(statistics: dict[str, Any]) -> dict[str, Any]:
    """What is kept as base64 in JSON, a decimal's digits, as the response's writer wants it."""
    data = statistics["StatisticsData"].get("DecimalColumnStatisticsData")
    if data is None:
        return statistics
    told = {
        name: {**value, "UnscaledValue": base64.b64decode(value["UnscaledValue"])} if isinstance(value, dict) else value
        for name, value in data.items()
    }
    return {**statistics, "StatisticsData": {**statistics["StatisticsData"], "DecimalColumnStatisticsData": told}}


def _missing(text: str) -> dict[str, str]:
    return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": text}
