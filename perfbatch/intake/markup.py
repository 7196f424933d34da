"""XML helpers of the readers: safe parsing, streaming, names without namespaces."""

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


_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ALTERNATE, _CHOICE, _FALLBACK = (_COMPATIBILITY + name for name in ("AlternateContent", "Choice", "Fallback"))
_KNOWN = ("http://schemas.microsoft.com/office/", "http://schemas.openxmlformats.org/")


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


def namespace(element: Any) -> str:
    """Namespace of an element in braces, as it stands before the names of its like; empty for none."""
    head, brace, _ = str(element.tag).rpartition("}")
    return head + brace


def children(element: Any) -> Iterator[Any]:
    """Children of an element; those of the branch that Excel would take stand for an AlternateContent."""
    for child in element:
        if child.tag == _ALTERNATE:
            yield from (inner for branch in child if _is_taken(branch) for inner in children(branch))
        else:
            yield child


def stands_in(element: Any, *tags: str) -> bool:
    """Whether the ancestors of an element are these, inmost first; taken branches of AlternateContent do not count."""
    for tag in tags:
        element = element.getparent()
        while element is not None and element.tag in (_CHOICE, _FALLBACK) and _is_taken(element):
            element = element.getparent().getparent()
        if element is None or element.tag != tag:
            return False
    return True


def _is_taken(branch: Any) -> bool:
    """Whether a branch is the first Choice of extensions that Excel knows, or the Fallback where there is none."""
    before = [other for other in branch.itersiblings(preceding=True) if other.tag == _CHOICE]
    if any(map(_is_known, before)):
        return False
    return branch.tag == _FALLBACK or (branch.tag == _CHOICE and _is_known(branch))


def _is_known(choice: Any) -> bool:
    needed = [choice.nsmap.get(prefix, "") for prefix in str(choice.get("Requires") or "").split()]
    return bool(needed) and all(name.startswith(_KNOWN) for name in needed)


def attribute(element: Any, name: str) -> str:
    """Value of the first attribute with this local name, whatever its namespace; empty when absent."""
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def whole(element: Any, name: str, default: int = 0) -> int:
    """A whole number in an attribute of any namespace; `default` where none is written."""
    text = attribute(element, name).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def forget(element: Any) -> None:
    """Free a finished element of a streaming parse and those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
