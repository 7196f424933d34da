"""Write `perfbatch/outputs/report/template.docx` from the XML parts of this folder; same parts, same bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

PARTS = {
    "content_types.xml": "[Content_Types].xml",
    "package.rels.xml": "_rels/.rels",
    "app.xml": "docProps/app.xml",
    "core.xml": "docProps/core.xml",
    "document.xml": "word/document.xml",
    "document.rels.xml": "word/_rels/document.xml.rels",
    "styles.xml": "word/styles.xml",
    "settings.xml": "word/settings.xml",
    "fontTable.xml": "word/fontTable.xml",
    "theme.xml": "word/theme/theme1.xml",
    "footer_odd.xml": "word/footer_odd.xml",
    "footer_even.xml": "word/footer_even.xml",
}
TEMPLATE = Path(__file__).parents[2] / "perfbatch" / "outputs" / "report" / "template.docx"


def write(target: Path) -> None:
    """Pack the parts into `target`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for file, name in PARTS.items():
            package.writestr(zipfile.ZipInfo(name), (Path(__file__).parent / file).read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    write(TEMPLATE)
