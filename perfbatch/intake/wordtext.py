"""Text of a WordprocessingML paragraph or cell as a person sees it, and what of it no reading reaches.

Tracked insertions count, deletions and hidden text do not; fields show their result, content controls what was filled
in and not their prompt. Vocabulary: ECMA-376 Part 1 §17.3 (runs), §17.5.2 (content controls), §17.13.5 (revisions),
§17.16 (fields and form fields), §22.1 (formulas).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from perfbatch.intake.markup import children, local

WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FORMULAS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
_WORD_2010 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
DELETED = ("del", "moveFrom")
# what only surrounds content: content controls, insertions, links, tags, simple fields, text direction
_AROUND = ("ins", "moveTo", "hyperlink", "smartTag", "customXml", "fldSimple", "sdt", "sdtContent", "bdo", "dir")
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
_SYMBOLS = {  # characters of symbol fonts, by font and code
    "symbol": {0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xB0: "°", 0xB7: "·"},
    "wingdings": {0xFE: "☑", 0xFD: "☒", 0xA8: "□", 0x6F: "□", 0xFC: "√", 0xFB: "×", 0x6E: "■", 0x9F: "·", 0x6C: "●"},
    "wingdings 2": {0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x2A: "□", 0x50: "√", 0x4F: "×"},
}
_LINEAR = ("oMath", "oMathPara", "r", "e", "d", "box", "borderBox")  # of a formula: what only holds text side by side
_UNKNOWN = "\ufffd"
_PICTURES = ("blip", "imagedata", "svgBlip")
_BLANKS = re.compile(r"[ \t\xa0\u3000]+")


def is_word(element: Any, *names: str) -> bool:
    """Whether an element is one of WordprocessingML with one of these names."""
    tag = element.tag
    return isinstance(tag, str) and tag.startswith(WORD) and local(element) in names


def is_on(element: Any, name: str) -> bool:
    """Whether a property is switched on below `element` (rPr, trPr …)."""
    found = child(element, name)
    return found is not None and value(found) not in ("0", "false", "off", "none")


def child(element: Any, name: str) -> Any:
    """The first child of WordprocessingML with this name, None where there is none."""
    if element is None:
        return None
    return next((one for one in element if is_word(one, name)), None)


def value(element: Any, name: str = "val") -> str:
    """An attribute of WordprocessingML, empty where there is none."""
    if element is None:
        return ""
    return next((str(text) for key, text in element.attrib.items() if key in [space + name for space in WORD]), "")


def number(element: Any, name: str = "val", default: int = 0) -> int:
    """A whole number in an attribute; `default` where it holds none."""
    text = value(element, name)
    return int(text) if re.fullmatch(r"-?[0-9]{1,7}", text) else default


def blocks(element: Any) -> Iterator[Any]:
    """Paragraphs and tables of a body or cell, those in content controls and insertions too, deleted ones left out."""
    for one in children(element):
        if is_word(one, "p", "tbl"):
            yield one
        elif is_word(one, *_AROUND):
            yield from blocks(one)


def text_of(paragraph: Any) -> str:
    """Text of a paragraph; tabs stay, line breaks of the page are line breaks."""
    return "".join(_pieces(paragraph))


def _pieces(element: Any) -> Iterator[str]:
    for one in children(element):
        name = local(one) if isinstance(one.tag, str) else ""
        if one.tag in _MATH:
            yield _formula(one)
        elif not is_word(one, name):
            continue
        elif name == "sdt":
            if not _is_prompt(one):
                yield from _pieces(one)
        elif name in _AROUND:
            yield from _pieces(one)
        elif name == "r" and not is_on(child(one, "rPr"), "vanish"):
            yield from _run(one)


_MATH = [space + name for space in _FORMULAS for name in ("oMath", "oMathPara")]


def _run(run: Any) -> Iterator[str]:
    for one in children(run):
        if not is_word(one, local(one) if isinstance(one.tag, str) else ""):
            continue
        name = local(one)
        if name == "t":
            yield one.text or ""
        elif name in _BREAKS:
            yield "" if name == "br" and value(one, "type") in ("page", "column") else _BREAKS[name]
        elif name == "sym":
            yield _symbol(value(one, "font"), value(one, "char"))
        elif name == "fldChar":
            yield _form_field(one)
        elif name == "ruby":
            base = child(one, "rubyBase")
            yield "" if base is None else "".join(_pieces(base))


def _symbol(font: str, code: str) -> str:
    """A character of a symbol font; fonts put theirs into the private area from F000 on."""
    if not re.fullmatch("[0-9a-fA-F]{1,6}", code):
        return _UNKNOWN
    place = int(code, 16)
    if 0xF000 <= place <= 0xF0FF:
        place -= 0xF000
    known = _SYMBOLS.get(font.strip().lower())
    if known is not None:
        return known.get(place, _UNKNOWN)
    return chr(place) if 0x20 <= place < 0xD800 else _UNKNOWN


def _form_field(mark: Any) -> str:
    """What an old form field shows by itself: a ticked box; the chosen entry of a list that stores but its number."""
    data = child(mark, "ffData")
    box, entries = child(data, "checkBox"), child(data, "ddList")
    if box is not None:
        state = child(box, "checked")
        if state is None:
            state = child(box, "default")
        return "☑" if state is not None and value(state) not in ("0", "false", "off") else "□"
    if entries is not None:
        listed = [value(one) for one in entries if is_word(one, "listEntry")]
        at = number(child(entries, "result"), default=number(child(entries, "default")))
        return listed[at] if 0 <= at < len(listed) else ""
    return ""


def _is_prompt(control: Any) -> bool:
    """Whether a content control still shows its prompt (单击此处输入文字), which nobody has written."""
    return is_on(child(control, "sdtPr"), "showingPlcHdr")


def _formula(element: Any) -> str:
    """A formula written side by side; � for one with fractions, roots or powers, whose text would say another thing."""
    said = []
    for one in element.iter():
        if not isinstance(one.tag, str) or not one.tag.startswith(_FORMULAS):
            continue
        name = local(one)
        if name == "t":
            said.append(one.text or "")
        elif name.endswith("Pr") or name in (
            *_LINEAR,
            "ctrlPr",
            "sty",
            "begChr",
            "endChr",
            "lit",
            "nor",
            "jc",
            "sepChr",
        ):
            continue
        elif name in ("f", "rad", "sSup", "sSub", "sSubSup", "sPre", "nary", "m", "limLow", "limUpp", "func", "eqArr"):
            return _UNKNOWN
    return "".join(said)


def has_picture(element: Any) -> bool:
    """Whether a paragraph or cell holds a picture."""
    return any(isinstance(one.tag, str) and local(one) in _PICTURES for one in element.iter())


def boxed_texts(element: Any) -> list[str]:
    """Texts of the text boxes below an element, each once (programs store a box twice for older readers)."""
    found: dict[str, None] = {}
    for box in element.iter(*[space + "txbxContent" for space in WORD]):
        text = one_line(" ".join("".join(_pieces(p)) for p in box.iter(*[space + "p" for space in WORD])))
        if text:
            found[text] = None
    return list(found)


def deleted_texts(element: Any) -> list[str]:
    """Texts that tracked changes take away, in order."""
    found = []
    for one in element.iter(*[space + name for space in WORD for name in DELETED]):
        texts = one.iter(*[space + name for space in WORD for name in ("delText", "t")])
        if text := one_line("".join(t.text or "" for t in texts)):
            found.append(text)
    return found


def one_line(text: str) -> str:
    """Text with blanks and breaks folded."""
    return _BLANKS.sub(" ", " ".join(text.split())).strip()
