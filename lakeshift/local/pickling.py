"""moto's backends to bytes and back.

What cannot or must not be kept is replaced: locks and events by new ones, threads by nothing, and every backend by a
reference, so that what is restored hangs together with the backends that are installed now, whatever their class.
"""

from __future__ import annotations

import importlib
import io
import pickle
import sys
import threading
import types
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import cloudpickle
from moto.core.base_backend import BackendDict, BaseBackend

__all__ = ["Home", "dumps", "find_homes", "loads"]

_DROPPED: Final = (threading.Thread, types.GeneratorType, types.ModuleType, io.TextIOBase)
_RENEWED: Final[dict[type, Any]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
    threading.Condition: threading.Condition,
    threading.Event: threading.Event,
    threading.local: threading.local,
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a BackendDict is found again: ``module.name``."""

    module: str
    name: str
    backends: BackendDict[Any]


def find_homes() -> dict[str, list[Home]]:
    """The BackendDicts in use, by the name of moto's package."""
    in_use = {id(one) for one in BackendDict._instances}
    best: dict[int, tuple[tuple[bool, bool, int], Home]] = {}
    for module_name, module in list(sys.modules.items()):
        if not module_name.startswith("moto.") or module is None:
            continue
        for name, value in list(vars(module).items()):
            if isinstance(value, BackendDict) and id(value) in in_use:
                rank = (module_name.split(".")[1] not in name, not module_name.endswith("models"), len(module_name))
                if id(value) not in best or rank < best[id(value)][0]:
                    best[id(value)] = (rank, Home(module_name, name, value))
    homes: dict[str, list[Home]] = {}
    for _, home in best.values():
        homes.setdefault(home.module.split(".")[1], []).append(home)
    return homes


def dumps(homes: list[Home]) -> bytes:
    """The state of every account and region of ``homes``."""
    stream = io.BytesIO()
    _Pickler(stream).dump(
        [
            (home.module, home.name, account, region, _state(backend))
            for home in homes
            for account, region, backend in list(home.backends.iter_backends())
        ]
    )
    return stream.getvalue()


def loads(document: bytes) -> None:
    """Give the backends that are installed now the state in ``document``."""
    for module, name, account, region, state in _Unpickler(io.BytesIO(document)).load():
        backend = getattr(importlib.import_module(module), name)[account][region]
        restore = getattr(backend, "__setstate__", None)
        if restore is not None:
            restore(state)
        else:
            backend.__dict__.update(state)


def _state(backend: BaseBackend) -> Any:
    own = getattr(backend, "__getstate__")  # noqa: B009 - object has one too, which typeshed does not tell of
    state = own()
    return dict(state) if state is backend.__dict__ else state


class _Pickler(cloudpickle.Pickler):
    """cloudpickle for the lambdas in moto's defaultdicts."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self._backends: dict[int, tuple[str, str, str, str]] = {}
        self._dicts: dict[int, tuple[str, str]] = {}
        for homes in find_homes().values():
            for home in homes:
                self._dicts[id(home.backends)] = (home.module, home.name)
                for account, region, backend in list(home.backends.iter_backends()):
                    self._backends[id(backend)] = (home.module, home.name, account, region)

    def reducer_override(self, obj: Any) -> Any:
        """A dict of moto's own class is filled without its constructor, which may want arguments."""
        if isinstance(obj, dict) and type(obj).__module__.startswith("moto."):
            factory = obj.default_factory if isinstance(obj, defaultdict) else None
            state = (dict(obj.__dict__), list(dict.items(obj)))
            return _new_dict, (type(obj), factory), state, None, None, _fill_dict
        if hasattr(obj, "private_bytes") and hasattr(obj, "public_key"):  # a key of KMS
            return _private_key, (_pem(obj),)
        return super().reducer_override(obj)

    def persistent_id(self, obj: Any) -> Any:
        """A reference instead of the thing, for backends and what is made anew at every start."""
        if isinstance(obj, BaseBackend):
            return ("backend", *self._backends[id(obj)]) if id(obj) in self._backends else None
        if isinstance(obj, BackendDict):
            return ("backends", *self._dicts[id(obj)]) if id(obj) in self._dicts else None
        if type(obj) in _RENEWED:
            return ("new", type(obj).__name__)
        if isinstance(obj, _DROPPED):
            return ("nothing",)
        return None


def _pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _private_key(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, None)


def _new_dict(cls: Any, factory: Any) -> Any:
    made = cls.__new__(cls)
    if isinstance(made, defaultdict):
        defaultdict.__init__(made, factory)
    return made


def _fill_dict(made: Any, state: tuple[dict[str, Any], list[tuple[Any, Any]]]) -> None:
    made.__dict__.update(state[0])
    dict.update(made, state[1])


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        """What ``_Pickler.persistent_id`` referred to."""
        kind, *rest = pid
        if kind == "nothing":
            return None
        if kind == "new":
            return next(make for cls, make in _RENEWED.items() if cls.__name__ == rest[0])()
        module, name, *place = rest
        found = getattr(importlib.import_module(module), name)
        for step in place:
            found = found[step]
        return found
