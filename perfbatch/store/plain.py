"""Records of `perfbatch.model` as plain JSON values and back, by the types they declare.

A field that a record gains is kept without a word here.
"""

import json
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_PLAIN, _LISTED = (str, int, float), (list, tuple, set, frozenset)
Reader = Callable[[Any], Any]
T = TypeVar("T")


def to_plain(value: Any, without: Collection[str] = ()) -> Any:
    """`value` as lists, dictionaries, texts, numbers, booleans and None; `without` names fields left out."""
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, _LISTED):
        return [to_plain(part) for part in value]
    if isinstance(value, Mapping):
        return [[to_plain(key), to_plain(part)] for key, part in value.items()]  # keys may be pairs
    if isinstance(value, Decimal):
        return str(value)
    names = (field.name for field in fields(value) if field.name not in without)
    return {name: to_plain(getattr(value, name)) for name in names}


def of_plain(value: Any, kind: type[T]) -> T:
    """The `kind` that `to_plain` made `value` of; raises KeyError, TypeError or ValueError for anything else."""
    found: T = _reader(kind)(value)  # type: ignore[arg-type]  # a type has a hash
    return found


def record_in(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _reader(kind: Any) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):  # something or nothing
        read = _reader(next(one for one in inner if one is not types.NoneType))
        return lambda value: None if value is None else read(value)
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        parts = [_reader(one) for one in inner]
        return lambda value: tuple(read(part) for read, part in zip(parts, value, strict=True))
    if origin in (dict, Mapping):
        of_key, of_part = map(_reader, inner)
        return lambda value: {of_key(key): of_part(part) for key, part in value}
    if origin in (list, tuple, set, frozenset, Sequence):
        make, read = tuple if origin is Sequence else origin, _reader(inner[0])
        return lambda value: make(value if read is _as_it_is else map(read, value))
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        parts = [_reader(hints[name]) for name in kind._fields]
        return lambda value: kind._make(read(part) for read, part in zip(parts, value, strict=True))
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        readers: dict[str, Reader] = {}  # made for fields that occur: types of others need not be there at run time

        def read_record(value: dict[str, Any]) -> Any:
            for name in value.keys() - readers.keys():
                readers[name] = _reader(hints[name])
            return kind(**{name: readers[name](part) for name, part in value.items()})

        return read_record
    made = kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum))
    return kind if made else _as_it_is
