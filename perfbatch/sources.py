"""Which files a run works on: the INPUT arguments unfolded, in a stable order, with what was passed over."""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perfbatch import passed
from perfbatch.errors import UsageError, why
from perfbatch.messages import nearest

SUFFIXES = frozenset([
    ".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx", ".xltm", ".xlt", ".ods", ".ots", ".fods", ".et", ".ett", ".html",
    ".htm", ".mht", ".mhtml", ".csv", ".tsv", ".xml", ".zip",
    ".docx", ".docm", ".doc", ".wps", ".rtf", ".odt",
])  # fmt: skip
ANNOTATED_MARK = "_批注"  # our own annotated copies are no forms of their own
COPY = "本程序生成的批注文件，不重复读取"
# also as a browser or the file manager names a second one: 甲_批注(1), 甲_批注 - 副本, 副本甲_批注
_ANNOTATED = re.compile(rf"{ANNOTATED_MARK}(\s*[(（]\d+[)）]|\s*-\s*(副本|Copy)(\s*[(（]\d+[)）])?|\s*副本\d*)*$")
INPUT, OUTPUT = Path("input"), Path("output")  # where files are looked for and results go unless said otherwise
_SAMPLES = (Path("示例"), Path("input_templates"))
# a folder of supporting documents: 佐证资料, 附件3：佐证材料, 抽查项目佐证资料（2023年度）; not 自评表及佐证材料
_EVIDENCE = re.compile(
    r"(附件)?[\d一二三四五六七八九十.、:：()（）\s_-]*"
    r"(\d{4}年度?|绩效|自评价?|评价|抽查|核查|复核|预算|项目|支出|相关|有关)*佐证(资料|材料)[\d年度.()（）\s_-]*"
)
_SHOWN = 3  # of the files passed over
STORE = ".perfbatch"  # in an output folder: what a run keeps for the next one


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: where it is and the name shown everywhere (relative to the INPUT folder given).

    `refusal` is the code and the sentence of a file that is known not to be readable.
    """

    path: Path
    name: str
    refusal: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Supporting:
    """A supporting document (佐证资料): where it is, its name as `Source.name`, and where it lies `below` its folder.

    `beside` is the folder in which that folder lies, empty for the INPUT itself or a folder given by --evidence.
    """

    path: Path
    name: str
    below: str
    beside: str = ""


@dataclass(slots=True)
class Sources:
    """Input files in stable order, files passed over with the reason, supporting documents (never forms).

    What may hold a form is a refused file.
    """

    files: list[Source] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    rubbish: list[str] = field(default_factory=list)  # names of what programs leave behind
    evidence: list[Supporting] = field(default_factory=list)
    copies: list[Source] = field(default_factory=list)  # annotated copies of some of the files

    @property
    def tasks(self) -> int:
        """How many files workers could be at work on at a time."""
        return max(len(self.files), len(self.evidence))


def find(inputs: Iterable[Path], output: Path | None = None, evidence: str | None = None) -> Sources:
    """Unfold files and folders, but not `output` and output folders of other runs.

    Folders named 佐证资料, and the folder `evidence`, hold supporting documents. Raises UsageError when an INPUT or
    `evidence` does not exist or an INPUT is an output folder.
    """
    found = Sources()
    inputs = list(inputs)
    if evidence is not None:
        if any(_same(given, Path(evidence)) for given in inputs if given.exists()):
            raise UsageError(f"“{evidence}”既是输入又是佐证资料文件夹，请把佐证资料放在另一个文件夹。")
        _take_evidence(Path(evidence), found)
    seen: set[str] = set()
    for given in inputs:
        _must_exist(given)
        if not given.is_dir():
            _add(found, seen, given, given.name, explicit=True)
            continue
        if _is_output(given, output):
            raise UsageError(
                f"“{given}”是存放结果的文件夹，不能同时作为输入，否则汇总表等会被当作自评表再读一遍；"
                "请把自评表放在别的文件夹，或用 --output 另给一个输出文件夹。"
            )
        for path in _walk(given, output, found, evidence):
            _add(found, seen, path, path.relative_to(given).as_posix(), explicit=False)
    _take_copies(found)
    return found


def copied_stem(stem: str) -> str:
    """The stem of the form of which an annotated copy is one; empty for the stem of any other file."""
    mark = _ANNOTATED.search(stem)
    return stem[: mark.start()] if mark else ""


def _take_copies(found: Sources) -> None:
    """Keep annotated copies apart from the forms; a copy without its form is read as the form."""
    copies = [source for source in found.files if copied_stem(source.path.stem) and not source.refusal]
    forms = {source.path.stem for source in found.files if source not in copies}
    found.copies = [source for source in copies if copied_stem(source.path.stem) in forms]
    found.files = [source for source in found.files if source not in found.copies]
    found.skipped += [(source.name, COPY) for source in found.copies]


def must_be_file(path: Path) -> None:
    """Raise UsageError unless `path` is one file, as commands about a single form need it."""
    if os.path.isdir(path):  # noqa: PTH112 - says no where Path.is_dir raises
        some = [source.path for source in find([path]).files]
        hint = f"，例如“{some[0]}”" if some else ""
        raise UsageError(f"“{path}”是文件夹，请给出其中的一个文件{hint}。")
    _must_exist(path)


def _must_exist(path: Path) -> None:
    try:
        there = path.exists() or path.is_symlink()  # a link to nowhere is there, and is refused by name
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else "名称不合规定"
        raise UsageError(f"“{passed.shown(str(path))}”打不开（{reason}），请检查路径和权限。") from None
    if not there:
        raise UsageError(_missing(path))


def nothing(inputs: Iterable[Path], found: Sources) -> str:
    """What to tell when there is no file to work on: where was looked, what was passed over and why."""
    where = "、".join(f"“{path}”" for path in inputs)
    skipped = [*found.skipped, *((name, "是临时文件") for name in found.rubbish)]
    named = "；".join(f"“{name}”{reason}" for name, reason in skipped[:_SHOWN])
    more = f"等{len(skipped)}个" if len(skipped) > _SHOWN else ""
    told = f"（已跳过：{named}{more}）" if named else ""
    put = f"请把一体化系统导出的自评表（Excel 或 Word）放进“{Path(next(iter(inputs))).absolute()}”后重新运行"
    # a filled example beside the input folder, as `perfbatch init` and the clone of the program have one
    samples = (path for folder in _SAMPLES for path in sorted(folder.glob("*（示例）.xlsx")))
    trial = next((f"；想先试一试，可以把“{sample}”复制进去" for sample in samples), "")
    return f"{where}中没有找到要处理的表格{told}，{put}{trial}。"


def _missing(path: Path) -> str:
    """What to tell of a path that does not exist, with the nearest name there is."""
    if path == INPUT:
        return (
            f"当前文件夹“{Path.cwd()}”中没有 {INPUT} 文件夹，请进入工作文件夹后重新运行，"
            "或先用 perfbatch init 建立一个工作文件夹。"
        )
    near = _near(path)
    hint = f"；是否应为“{near}”？" if near else "，请检查路径和文件名（含扩展名，如 .xlsx）。"
    return f"找不到“{path}”{hint}"


def _near(path: Path) -> Path | None:
    """The file of that name in the usual folders, else one of that name with an extension, else the most similar."""
    usual = [folder / path for folder in (INPUT, OUTPUT) if len(path.parts) == 1 and (folder / path).is_file()]
    names = _names(path.parent)
    alike = [*(name for name in names if Path(name).stem == path.name), *nearest(path.name, names)]
    return next(iter([*usual, *(path.parent / name for name in alike)]), None)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in sorted(folder.iterdir())]
    except OSError:
        return []


def is_evidence(name: str) -> bool:
    """Whether a folder of that name holds supporting documents."""
    return "佐证" in name and _EVIDENCE.fullmatch(name) is not None


def _take_evidence(folder: Path, found: Sources, name: str = "", beside: str = "") -> None:
    """Every file below a folder of supporting documents, in name order; links are not followed."""
    if not folder.is_dir():
        raise UsageError(f"找不到佐证资料文件夹“{folder}”，请检查 --evidence 给出的路径，它应是一个文件夹。")
    known = {paper.path for paper in found.evidence}

    def closed(error: OSError) -> None:
        shown = Path(error.filename or folder).relative_to(folder.parent).as_posix()
        found.skipped.append((shown, f"佐证资料文件夹打不开（{why(error)}），其中的材料没有读取"))

    for root, folders, files in os.walk(folder, onerror=closed):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        for path in (Path(root, file) for file in sorted(files) if not file.startswith((".", "~$"))):
            below = path.relative_to(folder).as_posix()
            if path not in known and not passed.is_rubbish(path.name):
                found.evidence.append(Supporting(path, f"{name or folder.name}/{below}", below, beside))


def _walk(given: Path, output: Path | None, found: Sources, evidence: str | None = None) -> Iterator[Path]:
    """Files below a folder in name order; links to folders are not followed, so loops cannot happen.

    A folder that is not entered becomes a refused source: what may lie in it must not pass for checked.
    """
    for root, folders, files in os.walk(given, onerror=lambda error: found.files.append(_closed(given, error))):
        inner = [Path(root, name) for name in sorted(folders)]
        entered = []
        for folder in inner:
            name = folder.relative_to(given).as_posix()
            if _is_output(folder, output):
                if output is None or not _same(folder, output):
                    found.skipped.append((name, "以前运行的输出文件夹，不作为自评表读取"))
            elif folder.name.startswith("."):
                found.skipped.append((name, "隐藏文件夹，没有进入"))
            elif evidence is not None and _same(folder, Path(evidence)):
                continue  # taken already
            elif is_evidence(folder.name):
                beside = Path(root).relative_to(given).as_posix()
                _take_evidence(folder, found, name, "" if beside == "." else beside)
            elif refusal := _no_folder(folder, name, given):
                found.files.append(Source(folder, name, refusal))
            else:
                entered.append(folder.name)
        folders[:] = [name for name in entered if not os.path.islink(Path(root, name))]  # noqa: PTH114
        for name in sorted(files):
            yield Path(root, name)


def _no_folder(folder: Path, name: str, given: Path) -> tuple[str, str] | None:
    """Why a folder is not looked into though forms may lie in it."""
    shown = passed.shown(name)
    if folder.suffix.lower() in SUFFIXES:
        then = "其中如有自评表，请去掉文件夹名称中的扩展名后重新运行"
        return "not_a_file", f"“{shown}”是文件夹，不是表格文件，未作检查；{then}。"
    if os.path.islink(folder) and not _inside(folder, given):  # noqa: PTH114
        return "link", f"“{shown}”是指向其他文件夹的链接，其中的表格未作检查；请把那个文件夹本身放入，或作为输入给出。"
    return None


def _inside(folder: Path, given: Path) -> bool:
    """Whether what a link points to is looked at anyway, or holds the place where the link is."""
    target, whole = os.path.realpath(folder), os.path.realpath(given)
    return target == whole or target.startswith(whole + os.sep) or whole.startswith(target.rstrip(os.sep) + os.sep)


def _closed(given: Path, error: OSError) -> Source:
    folder = Path(error.filename or given)
    name = folder.relative_to(given).as_posix() if folder != given else given.name or str(given)
    then = "把它移到层数较少的文件夹" if error.errno == errno.ENAMETOOLONG else "检查是否有读取权限"
    reason = f"文件夹“{passed.shown(name)}”打不开（{why(error)}），其中的表格都未作检查；请{then}后重新运行。"
    return Source(folder, name, ("unreadable", reason))


def _is_output(folder: Path, output: Path | None) -> bool:
    ours = os.path.isdir(folder / STORE)  # noqa: PTH112 - of a closed folder it says no, Path.is_dir raises
    return ours or (output is not None and _same(folder, output))


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _add(found: Sources, seen: set[str], path: Path, name: str, *, explicit: bool) -> None:
    reason = reason_to_skip(path, explicit=explicit)
    if passed.is_rubbish(path.name) and reason != "":
        found.rubbish.append(name)
    elif isinstance(reason, passed.Kind) and reason.holds:
        found.files.append(Source(path, name, (reason.code, reason.of(name))))
    elif reason:
        found.skipped.append((name, reason.reason if isinstance(reason, passed.Kind) else reason))
    elif reason is None and (key := os.path.realpath(path)) not in seen:
        seen.add(key)
        found.files.append(Source(path, name, passed.refusal_of(path, name)))


def reason_to_skip(path: Path, *, explicit: bool) -> str | passed.Kind | None:
    """None to read the file, a Chinese reason or its kind to mention it, empty to pass over it silently."""
    if path.name.startswith("~$"):
        return "Excel/WPS 打开文件时留下的临时文件；该表格正在被打开，读到的是上次保存的内容"
    if path.name.startswith("."):
        return "" if path.name == ".gitkeep" else "隐藏文件，不作为自评表读取"
    return None if explicit or path.suffix.lower() in SUFFIXES else passed.kind_of(path.name)
