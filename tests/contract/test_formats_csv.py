"""CSV as AWS Glue reads and writes it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import folder_of, read, rows

pytestmark = pytest.mark.page("aws-glue-programming-etl-format-csv-home")


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        pytest.param("1,x\n", {}, [{"col0": "1", "col1": "x"}], id="names-by-place"),
        pytest.param("a,b\n1,x\n", {"withHeader": True}, [{"a": "1", "b": "x"}], id="names-by-header"),
        pytest.param("1|x\n", {"separator": "|"}, [{"col0": "1", "col1": "x"}], id="separator"),
        pytest.param("1\tx\n", {"separator": "\t"}, [{"col0": "1", "col1": "x"}], id="tab"),
        pytest.param("1::x\n", {"separator": "::"}, [{"col0": "1", "col1": "x"}], id="separator-of-two"),
        pytest.param('"a,b","say ""x"""\n', {}, [{"col0": "a,b", "col1": 'say "x"'}], id="quotes-double"),
        pytest.param("'a,b',x\n", {"quoteChar": "'"}, [{"col0": "a,b", "col1": "x"}], id="quote-char"),
        pytest.param('"a,b"\n', {"quoteChar": -1}, [{"col0": '"a', "col1": 'b"'}], id="quoting-off"),
        pytest.param('5"6,x\n', {}, [{"col0": '5"6', "col1": "x"}], id="a-quote-inside-is-text"),
        pytest.param("a\\,b,c\n", {"escaper": "\\"}, [{"col0": "a,b", "col1": "c"}], id="escaper-takes-the-next-as-is"),
        pytest.param("a\\tb\\nc\n", {"escaper": "\\"}, [{"col0": "a\tb\nc"}], id="well-known-escapes"),
        pytest.param("a\\,b\n", {}, [{"col0": "a\\", "col1": "b"}], id="no-escaper-by-default"),
        pytest.param('"a\\"b",c\n', {"escaper": "\\"}, [{"col0": 'a"b', "col1": "c"}], id="escaped-quote"),
        pytest.param(
            '"a\nb",c\nd,e\n',
            {"multiLine": True},
            [{"col0": "a\nb", "col1": "c"}, {"col0": "d", "col1": "e"}],
            id="multi-line",
        ),
        pytest.param("h,i\n1,x\n", {"skipFirst": True}, [{"col0": "1", "col1": "x"}], id="skip-first"),
        pytest.param(
            "a,b\n1,x\n2,y\n",
            {"withHeader": True, "skipFirst": True},
            [{"a": "2", "b": "y"}],
            id="skip-first-behind-the-header",
        ),
        pytest.param("1,\n", {}, [{"col0": "1", "col1": ""}], id="an-empty-cell-is-an-empty-text"),
        pytest.param("1\n2,y\n", {}, [{"col0": "1", "col1": None}, {"col0": "2", "col1": "y"}], id="short-and-long"),
        pytest.param("1,x\r\n2,y\r\n", {}, [{"col0": "1", "col1": "x"}, {"col0": "2", "col1": "y"}], id="windows-ends"),
        pytest.param("\n1,x\n\n", {}, [{"col0": "1", "col1": "x"}], id="empty-lines-are-no-records"),
        pytest.param("\ufeffa,b\n1,x\n", {"withHeader": True}, [{"a": "1", "b": "x"}], id="byte-order-mark"),
        pytest.param("Zürich,日本\n", {}, [{"col0": "Zürich", "col1": "日本"}], id="beyond-ascii"),
        pytest.param("1,x\n", {"optimizePerformance": True}, [{"col0": "1", "col1": "x"}], id="optimize-performance"),
    ],
)
def test_text_to_records(
    glue: Any, tmp_path: Path, text: str, options: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    frame = read(glue, "csv", folder_of(tmp_path, a_csv=text), options)
    assert rows(frame) == expected
    assert all(field.dataType.typeName() == "string" for field in frame.schema())


def test_each_file_has_its_own_header(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_csv="id,name\n1,x\n", b_csv="name,id,new\ny,2,z\n")
    assert rows(read(glue, "csv", path, {"withHeader": True})) == [
        {"id": "1", "name": "x", "new": None},
        {"id": "2", "name": "y", "new": "z"},
    ]


@pytest.mark.parametrize(
    ("text", "options", "bad"),
    [
        pytest.param('1,"x\n2,y\n', {}, '1,"x', id="a-quote-without-end"),
        pytest.param('1,"x\n', {"multiLine": True}, '1,"x', id="a-quote-without-end-in-the-file"),
        pytest.param('1,x"y\n2,y\n', {"strictCheckForQuoting": True}, '1,x"y', id="strict-a-quote-inside"),
        pytest.param('1,"x"y\n2,y\n', {"strictCheckForQuoting": True}, '1,"x"y', id="strict-text-behind-a-quote"),
    ],
)
def test_malformed_records_are_error_records(
    glue: Any, tmp_path: Path, text: str, options: dict[str, Any], bad: str
) -> None:
    frame = read(glue, "csv", folder_of(tmp_path, a_csv="0,ok\n" + text), options)
    assert {"col0": "0", "col1": "ok"} in rows(frame)
    assert frame.errorsCount() == 1
    (error,) = frame.errorsAsDynamicFrame().toDF().collect()
    assert error.error.input == bad


def test_bytes_that_are_not_utf8_fail_the_read(glue: Any, tmp_path: Path) -> None:
    frame = read(glue, "csv", folder_of(tmp_path, a_csv=b"caf\xe9,1\n"))
    with pytest.raises(Exception, match=r"Unable to parse file: a\.csv"):
        frame.toDF().collect()


def test_optimize_performance_does_not_go_with_multi_line(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_csv="1\n")
    with pytest.raises(Exception, match="optimizePerformance"):
        read(glue, "csv", path, {"optimizePerformance": True, "multiLine": True})


def written(folder: Path) -> str:
    return "".join(sorted(p.read_text() for p in folder.iterdir() if not p.name.startswith(".")))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        pytest.param({}, "a,b\n1,x y\n", id="with-header"),
        pytest.param({"writeHeader": False}, "1,x y\n", id="without-header"),
        pytest.param({"separator": "|", "writeHeader": False}, "1|x y\n", id="separator"),
        pytest.param({"separator": " ", "writeHeader": False}, '1 "x y"\n', id="quotes-where-needed"),
        pytest.param({"separator": " ", "quoteChar": "'", "writeHeader": False}, "1 'x y'\n", id="quote-char"),
    ],
)
def test_sink(glue: Any, tmp_path: Path, of_json: Any, options: dict[str, Any], text: str) -> None:
    out = tmp_path / "out"
    glue.write_dynamic_frame.from_options(of_json({"a": 1, "b": "x y"}), "s3", {"path": str(out)}, "csv", options)
    assert written(out) == text


def test_gzip_archive(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, **{"a_csv.gz": gzip.compress(b"1,x\n")})
    assert rows(read(glue, "csv", path)) == [{"col0": "1", "col1": "x"}]
