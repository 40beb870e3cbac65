"""The signature contract with the unmodified `awsglue` package: its public names, and all its calls to the JVM."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.binding import install, sink, source
from lakeshift.glue_runtime.binding.context import JvmGlueContext
from lakeshift.glue_runtime.binding.dynamic_frame import JvmDynamicFrame
from lakeshift.glue_runtime.binding.job import JvmJob
from lakeshift.glue_runtime.binding.values import GlueLogger

ROOT = Path(__file__).resolve().parents[3]
NAMES = ROOT / "docs" / "fidelity" / "22-awsglue-names.yaml"


def _sources() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the library as a tree: some cannot be imported without a Spark context."""
    spec = find_spec("awsglue")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (home,) = spec.submodule_search_locations
    for module in pkgutil.walk_packages([home], "awsglue."):
        base = Path(home, *module.name.split(".")[1:])
        path = base / "__init__.py" if module.ispkg else base.with_suffix(".py")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape sequence of the library's
            tree = ast.parse(path.read_text(encoding="utf-8"))
        yield module.name, tree


def _public_names() -> Iterator[str]:
    for module, tree in _sources():
        yield module
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{module}.{node.name}"
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                        yield f"{module}.{node.name}.{inner.name}"


def _rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name by name: a row's first back-ticked text ends in a dot where it is a prefix of the others."""
    for row in yaml.safe_load(NAMES.read_text(encoding="utf-8"))["rows"]:
        texts = re.findall(r"`([^`]+)`", row["feature"])
        prefix = texts.pop(0) if texts[0].endswith(".") else ""
        for text in texts:
            yield prefix + text, row


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """What the library calls on objects of the JVM: the receiver's name, the method, the call."""
    for _, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                receiver = node.func.value
                name = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
                yield name, node.func.attr, node


CLASSES: dict[str, list[type[Any]]] = {
    "_jdf": [JvmDynamicFrame],
    "_ssql_ctx": [JvmGlueContext],
    "_jsource": [
        source.S3Source,
        source.CatalogSource,
        source.JdbcSource,
        source.RedshiftSource,
        source.DynamoDbSource,
        source.KinesisSource,
    ],
    "_jsink": [
        sink.S3Sink,
        sink.CatalogSink,
        sink.JdbcSink,
        sink.RedshiftSink,
        sink.DynamoDbSink,
        sink.IcebergSink,
    ],
    "_job": [JvmJob],
    "_glue_logger": [GlueLogger],
}
ONLY_S3 = {"setCatalogInfo"}
"""Called on sinks of files alone."""


def _surface() -> list[Any]:
    made = {
        (owner, method, len(call.args))
        for receiver, method, call in _calls()
        for owner in CLASSES.get(receiver, [])
        if method not in ONLY_S3 or owner is sink.S3Sink
    }
    return [
        pytest.param(owner, method, number, id=f"{owner.__name__}.{method}-{number}")
        for owner, method, number in sorted(made, key=lambda one: (one[0].__name__, *one[1:]))
    ]


def test_every_public_name_is_on_the_fidelity_page() -> None:
    listed = [name for name, _ in _rows()]
    public = set(_public_names())
    assert sorted(name for name in public if name not in listed) == []
    assert sorted(name for name in listed if name not in public) == []
    assert len(listed) == len(set(listed))


def test_every_name_has_a_test() -> None:
    assert [name for name, row in _rows() if not row.get("test")] == []


@pytest.mark.parametrize(("owner", "method", "arguments"), _surface())
def test_every_call_to_the_jvm_has_its_method(owner: type[Any], method: str, arguments: int) -> None:
    found = getattr(owner, method, None)
    assert found is not None, f"{owner.__name__} has no {method}"
    static = isinstance(inspect.getattr_static(owner, method), staticmethod)
    inspect.signature(found).bind(*range(arguments if static else arguments + 1))


def test_every_class_the_library_asks_the_jvm_for_is_there() -> None:
    wanted = set()
    for _, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
                receiver = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
                if receiver in ("_jvm", "jvm"):
                    wanted.add(node.attr)
    below = SimpleNamespace(PythonRDD=None, PythonUtils=None, scala=None)
    assert sorted(wanted - set(install.names(below))) == []


REFUSED = {
    "start_transaction": ("startTransaction", (False,)),
    "commit_transaction": ("commitTransaction", ("id", True)),
    "cancel_transaction": ("cancelTransaction", ("id",)),
}


def _refused() -> list[Any]:
    return sorted({n.rsplit(".", 1)[-1] for n, row in _rows() if row["here"] == "refused" and "GlueContext." in n})


@pytest.mark.parametrize("name", _refused())
def test_what_is_refused_raises_an_error_that_names_it(name: str) -> None:
    method, arguments = REFUSED[name]
    with pytest.raises(NotSupportedLocallyError) as raised:
        getattr(JvmGlueContext(None), method)(*arguments)
    assert any(word in str(raised.value) for word in (name, "ransaction"))


LIBRARY_IGNORES: set[str] = set()
"""Parameters that the library itself takes and forgets."""


def test_parameters_of_the_library_reach_the_engine() -> None:
    """Every parameter of a DynamicFrame method is used in its body: what the engine is not given it cannot heed."""
    (tree,) = [tree for module, tree in _sources() if module == "awsglue.dynamicframe"]
    (frame,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "DynamicFrame"]
    forgotten = set()
    for method in frame.body:
        if isinstance(method, ast.FunctionDef):
            used = {node.id for node in ast.walk(method) if isinstance(node, ast.Name)}
            forgotten |= {f"{method.name}({a.arg})" for a in method.args.args[1:] if a.arg not in used}
    assert forgotten == LIBRARY_IGNORES
