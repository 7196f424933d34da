"""XML helpers of the readers: safe parsing, streaming, names without namespaces."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from lxml import etree

_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}


class BrokenPart(ValueError):
    """A part that is missing or is not well-formed."""


def parse(xml: bytes) -> Any:
    """Root element of a small part: no entities, no network, comments and instructions dropped."""
    try:
        return etree.fromstring(xml, etree.XMLParser(**_SAFE))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenPart(str(error)) from error


def streamed(xml: bytes, *tags: str) -> Iterator[tuple[str, Any]]:
    """(``start`` or ``end``, element) for the given local names, in any namespace, in document order.

    The caller frees what it is done with by `forget`. Raises BrokenPart on malformed XML.
    """
    names = tuple(f"{{*}}{tag}" for tag in tags)
    try:
        yield from etree.iterparse(io.BytesIO(xml), events=("start", "end"), tag=names, **_SAFE)
    except etree.XMLSyntaxError as error:
        raise BrokenPart(str(error)) from error


def local(element: Any) -> str:
    """Tag of an element without its namespace (the Strict and the transitional ones differ only there)."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Any, name: str) -> str:
    """Value of the first attribute with this local name, whatever its namespace; empty when absent."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def forget(element: Any) -> None:
    """Free a finished element of a streaming parse and those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
