"""XML as AWS Glue reads it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-xml-home.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reading import folder_of, read, rows

pytestmark = pytest.mark.page("aws-glue-programming-etl-format-xml-home")


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        pytest.param("<r><a>x</a><b>y</b></r>", {}, [{"a": "x", "b": "y"}], id="children-are-fields"),
        pytest.param("<r><a>1</a></r><r><a>2</a></r>", {}, [{"a": 1}, {"a": 2}], id="each-row-tag-is-a-record"),
        pytest.param('<r id="7"><a>x</a></r>', {}, [{"_id": 7, "a": "x"}], id="attributes-have-a-prefix"),
        pytest.param('<r id="7"><a>x</a></r>', {"attributePrefix": "at_"}, [{"at_id": 7, "a": "x"}], id="prefix"),
        pytest.param('<r id="7"><a>x</a></r>', {"excludeAttribute": True}, [{"a": "x"}], id="without-attributes"),
        pytest.param('<r><a u="kg">5</a></r>', {}, [{"a": {"_u": "kg", "_VALUE": 5}}], id="value-beside-attributes"),
        pytest.param('<r><a u="kg">5</a></r>', {"valueTag": "v"}, [{"a": {"_u": "kg", "v": 5}}], id="value-tag"),
        pytest.param("<r><a>1</a><a>2</a></r>", {}, [{"a": [1, 2]}], id="repeated-children-are-an-array"),
        pytest.param("<r><a><b>1</b></a></r>", {}, [{"a": {"b": 1}}], id="nested"),
        pytest.param("<r><a>true</a><b>1.5</b></r>", {}, [{"a": True, "b": 1.5}], id="types-by-text"),
        pytest.param("<r><a></a><b>x</b></r>", {}, [{"a": "", "b": "x"}], id="empty-is-an-empty-text"),
        pytest.param(
            "<r><a></a><b>x</b></r>", {"treatEmptyValuesAsNulls": True}, [{"a": None, "b": "x"}], id="as-null"
        ),
        pytest.param("<r><a> x </a></r>", {}, [{"a": " x "}], id="spaces-stay"),
        pytest.param("<r><a> x </a></r>", {"ignoreSurroundingSpaces": True}, [{"a": "x"}], id="spaces-ignored"),
        pytest.param('<r a="1"/><r><a>x</a></r>', {}, [{"a": "x"}], id="a-self-closing-row-tag-is-no-record"),
        pytest.param("<o><r><a>x</a></r></o>", {}, [{"a": "x"}], id="row-tag-at-any-depth"),
    ],
)
def test_elements_to_records(
    glue: Any, tmp_path: Path, body: str, options: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    path = folder_of(tmp_path, a_xml=f"<root>{body}</root>")
    assert rows(read(glue, "xml", path, {"rowTag": "r", **options})) == expected


def test_encoding(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_xml="<root><r><a>Zürich</a></r></root>".encode("latin-1"))
    assert rows(read(glue, "xml", path, {"rowTag": "r", "encoding": "ISO-8859-1"})) == [{"a": "Zürich"}]


def test_one_or_many_children_are_a_choice(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_xml="<root><r><a>1</a></r><r><a>1</a><a>2</a></r></root>")
    (field,) = read(glue, "xml", path, {"rowTag": "r"}).schema()
    assert field.dataType.typeName() == "choice"


def test_with_schema_makes_one_child_an_array_of_one(glue: Any, tmp_path: Path) -> None:
    schema = {
        "type": "struct",
        "fields": [
            {
                "name": "a",
                "type": {"type": "array", "elementType": "integer", "containsNull": True},
                "nullable": True,
                "metadata": {},
            },
            {"name": "code", "type": "string", "nullable": True, "metadata": {}},
        ],
    }
    text = "<root><r><a>1</a><code>007</code></r><r><a>1</a><a>2</a></r></root>"
    frame = read(glue, "xml", folder_of(tmp_path, a_xml=text), {"rowTag": "r", "withSchema": json.dumps(schema)})
    assert rows(frame) == [{"a": [1, 2], "code": None}, {"a": [1], "code": "007"}]


def test_damage_ends_the_file_and_is_an_error_record(glue: Any, tmp_path: Path) -> None:
    path = folder_of(tmp_path, a_xml="<root><r><a>1</a></r><r><a>2</r></root>", b_xml="<root><r><a>3</a></r></root>")
    frame = read(glue, "xml", path, {"rowTag": "r"})
    assert rows(frame) == [{"a": 1}, {"a": 3}]
    assert frame.errorsCount() == 1


def test_row_tag_is_required(glue: Any, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="rowTag"):
        read(glue, "xml", folder_of(tmp_path, a_xml="<root/>"))
