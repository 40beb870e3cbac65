"""Values of a definition: JSON, and texts that hold something AWS tells only once a resource exists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Attribute", "Deferred", "Json", "Value", "attributes_in", "filled", "joined"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """What ``!Ref`` (name ``Ref``) or ``!GetAtt`` of a resource gives, known once it exists."""

    resource: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.name}"


@dataclass(frozen=True, slots=True)
class Deferred:
    """A text with places that are filled in during apply."""

    parts: tuple[str | Attribute, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"<{part}>" for part in self.parts)


Json = None | str | int | float | bool | list["Json"] | dict[str, "Json"]
Value = None | str | int | float | bool | Deferred | list["Value"] | dict[str, "Value"]


def joined(parts: Iterable[str | Attribute | Deferred]) -> str | Deferred:
    """One text of all ``parts``: a plain one where nothing in it has to wait."""
    flat: list[str | Attribute] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Deferred) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if all(isinstance(piece, str) for piece in flat):
        return "".join(str(piece) for piece in flat)
    return Deferred(tuple(flat))


def filled(value: Value, known: Callable[[Attribute], str | None]) -> Value:
    """``value`` with every attribute that ``known`` tells put in; what it does not tell (None) still waits."""
    if isinstance(value, Deferred):
        return joined(piece if isinstance(piece, str) else _told(piece, known) for piece in value.parts)
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, known) for key, item in value.items()}
    return value


def _told(attribute: Attribute, known: Callable[[Attribute], str | None]) -> str | Attribute:
    text = known(attribute)
    return attribute if text is None else text


def attributes_in(value: Value) -> Iterator[Attribute]:
    """Every attribute that ``value`` waits for."""
    if isinstance(value, Deferred):
        yield from (piece for piece in value.parts if isinstance(piece, Attribute))
    elif isinstance(value, list):
        for item in value:
            yield from attributes_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from attributes_in(item)
