"""What the user is told who calls the program wrongly: one Chinese sentence with the next step, exit code 2."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support import drawing

from perfbatch import config
from perfbatch.cli import main, parser
from perfbatch.commands import arguments, manual

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
COMMANDS = ("run", "review", "watch", "inspect", "explain", "rules", "rulesets", "init")
# what stands in Latin letters on purpose, outside quotation marks
LATIN = re.compile(
    r"--?[a-z]+|perfbatch( [a-z]+)?|FILE|Excel(/WPS)?|Word|UTF-8|\.xlsx|\.toml|SC\d+|XX\d+|input|[a-z-]+(?=[、。])"
)


def refused(capsys: Capture, *words: str) -> str:
    """The message of a call that ends with 2 and prints nothing else."""
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and captured.err.endswith(("。\n", "？\n"))
    rest = LATIN.sub("", re.sub("“[^”]*”", "", captured.err))
    assert not re.search(r"[A-Za-z]{2,}", rest), rest
    return captured.err


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("runn", "是否应为“run”"),
        ("zzzzz", "可用的有：run、review"),
        ("run --nope", "无法识别的参数 --nope"),
        ("run --ye 2024", "无法识别的参数 --ye"),  # options are not abbreviated: tomorrow another one may begin so
        ("run --year", "--year 后面缺少一个值"),
        ("run --year abc", "“abc”不是整数"),
        ("run --year 1850", "四位年份"),
        ("run --workers 0", "不小于1"),
        ("run --seed -1", "“-1”不是整数"),
        ("run --json=1", "--json 后面不需要值"),
        ("review", "缺少参数 FILE"),
        ("review nofile.xlsx --input", "--input 后面至少要有一个值"),
        ("run --sample abc", "15%"),
        ("run nofile.xlsx", "nofile.xlsx"),
        ("review nofile.xlsx", "nofile.xlsx"),
        ("inspect nofile.xlsx", "含扩展名"),
        ("explain nofile.xlsx", "含扩展名"),
        ("rules XX99", "perfbatch rules"),
        ("rules SC1", "SC1"),
        ("rulesets zzzzz", "perfbatch rulesets"),
        ("watch nofolder", "nofolder"),
    ],
)
def test_wrong_call(call: str, says: str, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "input").mkdir()
    drawing.write(tmp_path / "input" / "表.xlsx", {"表": drawing.parse(drawing.load("F1")["grid"])})
    message = refused(capsys, *call.split())
    assert says in message
    if message.startswith("命令行有误"):
        command = f" {call.split()[0]}" if call.split()[0] in COMMANDS and "无法识别" not in message else ""
        assert f"用法见 perfbatch{command} --help" in message


def test_a_wrong_sample_is_told_before_anything_is_read(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(drawing.load("F1")["grid"])})
    assert "15%" in refused(capsys, "run", "表.xlsx", "--sample", "abc")
    assert not (tmp_path / "output").exists()


def test_a_folder_or_a_misspelt_file_is_answered_with_a_name(capsys: Capture, tmp_path: Path) -> None:
    path = drawing.write(tmp_path / "自评表.xlsx", {"表": drawing.parse(drawing.load("F1")["grid"])})
    assert str(path) in refused(capsys, "inspect", str(tmp_path))
    assert str(path) in refused(capsys, "explain", str(tmp_path / "自评表.xls"))
    assert str(path) in refused(capsys, "run", str(tmp_path / "自评表"))


def test_a_bare_name_is_looked_for_in_the_usual_folders(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`perfbatch review 抽查工作底稿.xlsx`, typed in the work folder."""
    monkeypatch.chdir(tmp_path)
    for folder, name in (("input", "自评表.xlsx"), ("output", "抽查工作底稿.xlsx")):
        Path(folder).mkdir()
        Path(folder, name).touch()
    assert f"是否应为“{Path('output', '抽查工作底稿.xlsx')}”" in refused(capsys, "review", "抽查工作底稿.xlsx")
    assert f"是否应为“{Path('input', '自评表.xlsx')}”" in refused(capsys, "inspect", "自评表.xlsx")
    assert "output”是文件夹" in refused(capsys, "inspect", "output")
    assert "“output”里没有上次运行的记录" in refused(capsys, "review", "output"), "a folder of papers, but of no run"


def test_without_an_input_folder_the_current_one_is_named(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"当前文件夹“{tmp_path}”中没有 input 文件夹" in refused(capsys, "run")


def test_what_was_passed_over_is_named_when_nothing_is_left(capsys: Capture, tmp_path: Path) -> None:
    """Somebody put only a photograph there: the next step is about it."""
    for name in ("照片.jpg", "相片.mp4", "~$甲.xlsx", "说明.exe"):
        (tmp_path / name).touch()
    told = refused(capsys, "run", str(tmp_path))
    assert f"“{tmp_path}”中没有找到要处理的表格（已跳过：“照片.jpg”是图片" in told
    assert "“说明.exe”不是表格文件" in told
    assert "等4个）" in told


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yaer = 2023", "year"),
        ('year = "今年"', "整数"),
        ("year = 23", "四位年份"),
        ("seed = -1", "不小于0"),
        ("sample = 15", 'sample = "15%"'),
        ("report_date = 2025-03-18", 'report_date = "2025-03-18"'),
        ('money_unit = "美元"', "元、百元、千元、万元、亿元"),
        ('report = "x"', "township"),
        ("off = [1]", "双引号"),
        ('off = ["XX99"]', "没有编号为“XX99”的检查"),
        ("[severity]\nSC99 = 'info'", "没有编号为“SC99”的检查"),
        ("[severity]\nSC01 = 'fatal'", "fatal"),
        ("verify = 1", "true"),
        ("= 3", "第1行第1个字符"),
        ("off = [", "文件末尾不完整"),
        ("seed = 1\nseed = 2", "同一个键写了两次"),
        ('ruleset = "D:\\规则\\我的.toml"', "“\\”请写成“/”"),
        ('off = ["sc1"]', "是否应为“SC01”"),
        ("synonyms.indicator.target = '计划值'", "应为方括号中的列表"),
        ("synonyms.indicator = '计划值'", "例如 synonyms.indicator.target"),
        ("layout = ['柳溪']", "例如 [[layout]]"),
        ("[[layout]]\nid = '柳溪'\nany = '考核内容'", "layout.any 应为方括号中的列表"),
        ("[[layout]]\nid = 5\nany = ['考核内容']", "需要写明 id"),
        ("[[layout]]\nid = '柳溪'\nany = ['考核内容']\nwords = '计'", "layout.words 应为表"),
        ("[[layout]]\nid = '柳溪'\nany = ['考核内容']\noff = ['TX09']", "所有 [ ] 标题之前"),
    ],
)
def test_wrong_configuration(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "perfbatch.toml").write_text(text, encoding="utf-8")
    path = drawing.write(tmp_path / "表.xlsx", {"表": drawing.parse(drawing.load("F1")["grid"])})
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(path)]) == 2
    message = capsys.readouterr().err
    assert "perfbatch.toml" in message and says in message and message.count("\n") == 1


def test_configuration_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    (tmp_path / "perfbatch.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["rulesets"]) == 0
    capsys.readouterr()
    assert main(["run", "."]) == 2
    assert re.fullmatch("配置文件 perfbatch.toml 打不开（.*），请检查后重新运行。\n", capsys.readouterr().err)


def test_configuration_saved_by_an_old_notepad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "perfbatch.toml").write_bytes('unit_name = "安肃镇"'.encode("gbk"))
    monkeypatch.chdir(tmp_path)
    assert "另存为时把编码选为 UTF-8" in refused(capsys, "run", ".")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_chinese_and_fits_the_window(command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns, of which a Chinese character takes two."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("用法：perfbatch") and "选项:" in text
    assert not re.search(r"usage|options|positional|show this", text)
    assert [line for line in text.splitlines() if arguments._columns(line) > 80] == []


def test_help_on_a_window_without_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    parser().print_help(stream)
    stream.seek(0)
    assert "perfbatch [-h]" in stream.read()


def test_without_a_console_nothing_is_printed_and_nothing_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed standard output, or an interpreter without a window."""
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["rules", "SC01"]) == 0


def test_no_command_is_the_double_click(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything it runs; with an empty input folder it says where to put what, names the sample, and ends."""
    monkeypatch.chdir(tmp_path)
    assert main(["init", "."]) == 0
    capsys.readouterr()
    told = refused(capsys)
    where = f"放进“{tmp_path / 'input'}”后重新运行"
    assert f"“input”中没有找到要处理的表格，请把一体化系统导出的自评表（Excel 或 Word）{where}" in told
    (sample,) = (tmp_path / "示例").iterdir()
    assert f"想先试一试，可以把“示例/{sample.name}”复制进去。" in told.replace("\\", "/")
    shutil.copy(sample, tmp_path / "input")
    assert main([]) in (0, 1)
    assert "【" in capsys.readouterr().out.splitlines()[0]


def test_our_own_fault_is_no_finding(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Python would end with 1, which means "findings"; the traceback is for whoever mends it."""

    def broken() -> str:
        raise KeyError("boom")

    monkeypatch.setattr(manual, "check_list", broken)
    assert main(["rules"]) == 3
    text = capsys.readouterr().err
    assert text.startswith("程序内部出错") and "KeyError: 'boom'" in text


@pytest.mark.parametrize("call", ["--help", "--version", "run --help", "runn", "run nofile.xlsx"])
def test_answers_that_need_no_work_load_nothing_heavy(call: str) -> None:
    code = (
        "import sys; from perfbatch.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "heavy = ('pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'lxml', 'pyarrow', 'docx', 'pebble', 'tabulate')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, *call.split()]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == b"[]"


def test_every_key_has_a_true_example() -> None:
    """The example of each key is what the loader takes."""
    for name, key in config.keys().items():
        value = tomllib.loads(key.example)[name]
        assert isinstance(value, key.kind) and config._wrong(name, value) == "", name
