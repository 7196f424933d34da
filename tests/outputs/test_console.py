"""What the clerk sees: an aligned table, progress that suits the stream, and never an encoding error."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.batches import batch, finding, project, township
from wcwidth import wcswidth

from perfbatch.console_io import _CONTROLS
from perfbatch.model import MoneyUnit, WorkbookResult
from perfbatch.outputs.console import Progress, closing, say, table
from perfbatch.outputs.workpaper import parts_of
from perfbatch.runs.batch import RunReport
from perfbatch.totals.sums import summarise


class Stream(io.StringIO):
    """A text stream with an encoding, which may be a terminal."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = False) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        text.encode(self._encoding)  # raises what a console would raise
        return super().write(text)


@pytest.fixture(scope="module")
def totals():
    return summarise(township())


def test_the_table_states_the_totals(totals, tmp_path):
    text = table(totals, outputs=["自评表_批注.xlsx", "绩效自评汇总表.xlsx"], output=tmp_path)
    for part in (
        "83个项目，996条指标", "11,050.62万元", "10,993.56万元，执行率99.48%", "90分以上（含90分）81个",
        "优81个，良0个，中0个，差2个",
        "错误9条，疑问8条，提示0条", "2个，其中1个未能处理", "绩效自评汇总表.xlsx", str(tmp_path),
    ):  # fmt: skip
        assert part in text


def test_every_line_of_the_table_is_equally_wide(totals):
    lines = table(totals, outputs=["一个很长的文件名（第1批）_批注.xlsx", "short.xlsx"]).splitlines()
    assert len({wcswidth(line) for line in lines}) == 1


def test_the_table_can_be_shown_on_a_gbk_console(totals):
    table(totals).encode("gbk")
    assert not any(0x2500 <= ord(char) < 0x2580 for char in table(totals))  # two columns wide on some consoles


def test_names_with_line_breaks_do_not_break_the_table():
    made = batch([project(1, unit="甲\n镇\x1b[31m")], [])
    lines = table(summarise(made)).splitlines()
    assert len({wcswidth(line) for line in lines}) == 1


def test_many_outputs_are_counted_instead_of_listed(totals):
    text = table(totals, outputs=[f"{at}_批注.xlsx" for at in range(60)] + ["绩效自评汇总表.xlsx"])
    assert "0_批注.xlsx 等60个批注文件" in text
    assert "绩效自评汇总表.xlsx" in text
    assert "59_批注.xlsx" not in text


def test_workpapers_by_unit_and_projects_without_one_are_told_of(tmp_path):
    made = batch([project(at, unit=f"{'甲' if at < 40 else '乙'}局") for at in range(1, 71)], [])
    made.sample = [f"P{at:04d}" for at in range(1, 71)]
    report = SimpleNamespace(batch=made, skipped=[], notices=[], unpublished=[])
    assert "[提示]" not in closing(report, tmp_path), "none was published"
    made.workpapers = {part.name: part.name for part in parts_of(made)}
    (said,) = [line for line in closing(report, tmp_path).splitlines() if line.startswith("[提示]")]
    assert "抽中70个项目，底稿按单位分为2个文件，在文件夹“抽查工作底稿”中" in said
    made.totals = summarise(made)
    made.frames.projects = made.frames.projects.iloc[:65].reset_index(drop=True)  # of very many not all rows are held
    said = closing(report, tmp_path)
    assert "抽中70个项目，底稿列出前65个；其余请按单位分别运行" in said


def test_closing_names_what_was_refused_skipped_changed_and_not_published(tmp_path):
    report = SimpleNamespace(
        batch=township(5), skipped=[("~$自评表.xlsx", "文件正在被打开")], notices=["结果已另存为“汇总(2).xlsx”。"],
        unpublished=["“a.xlsx”的批注文件未能生成。"],
    )  # fmt: skip
    lines = closing(report, tmp_path).splitlines()
    assert lines[0].startswith("【有文件没有读到】")
    rows = lines[1:-5]  # the table, a row a line as it is drawn
    assert rows == table(summarise(report.batch), outputs=report.batch.outputs, output=tmp_path).splitlines()
    assert len(rows) > 12 and {row[0] for row in rows} == {"+", "|"}
    assert lines[-5:] == [
        "[未处理] “损坏.xlsx”不完整，请重新导出。",
        "[已跳过] ~$自评表.xlsx：文件正在被打开",
        "[提示] 结果已另存为“汇总(2).xlsx”。",
        "[未生成] “a.xlsx”的批注文件未能生成。",
        "[下一步] 按[未处理]各行的说明处理没有读到的内容，再重新运行。",
    ]


def said_first(results, found, **more):
    made = batch([project(1)], [], found)
    made.results = results
    report = SimpleNamespace(**({"batch": made, "skipped": [], "notices": [], "unpublished": []} | more))
    return closing(report, Path("output")).splitlines()[0]


def result(status="ok", **more):
    return WorkbookResult("甲.xlsx", "", status, "“甲.xlsx”没有读到。", **more)


ERROR, DOUBT = finding(1), finding(1, severity="warning", code="SC04")


UNKNOWN = MoneyUnit("", "unknown", "没有写明金额单位")
UNWRITTEN = {"unpublished": ["“a”未能生成。"]}


@pytest.mark.parametrize(("line", "results", "found", "more"), [
    ("【可以报送】没有发现必须更正的问题。", [result()], [], {}),
    ("【可以报送】没有发现必须更正的问题，有1处疑问请核实。", [result()], [DOUBT], {}),
    ("【有2处必须更正】另有1处疑问请核实。", [result()], [ERROR, DOUBT, ERROR], {}),
    ("【有文件没有读到】1个文件没有读到（见[未处理]），结果不完整；已读到的有1处必须更正。",
     [result(), result("refused")], [ERROR], {}),
    ("【有内容没有读到】1个文件没有读全（见[未处理]），结果不完整。", [result("partial")], [], {}),
    ("【没有做完】有结果没有写出或没有查完（见[未生成]和汇总表的“读取情况”），另有1处必须更正。", [result()],
     [ERROR], UNWRITTEN),
    ("【金额单位待确认】请先回答下面的[请确认]，再重新运行。", [result(money=[UNKNOWN])], [], {}),
])  # fmt: skip
def test_the_first_line_is_the_verdict(line, results, found, more):
    assert said_first(results, found, **more) == line


def test_nothing_read_is_no_success(tmp_path):
    made = batch([], [])
    made.results, made.totals = [result("skipped")], summarise(made)
    report = SimpleNamespace(batch=made, skipped=[], notices=[], unpublished=[])
    assert closing(report, tmp_path).startswith("【没有读到自评表】")
    assert RunReport(made).exit_code == 3


def test_at_most_three_steps(tmp_path):
    made = batch([project(1)], [], [ERROR])
    made.totals = summarise(made)
    made.results = [result("refused"), result(money=[UNKNOWN])]
    made.annotated = {"甲.xlsx": "甲_批注.xlsx"}
    report = SimpleNamespace(batch=made, skipped=[], notices=[], unpublished=[])
    steps = [line for line in closing(report, tmp_path).splitlines() if line.startswith("[下一步]")]
    assert [step[6] for step in steps] == ["1", "2", "3"] and "按[请确认]写明金额单位" in steps[1]


def test_many_files_without_result_are_counted(tmp_path):
    made = township()
    stop = {"status": "failed", "reason_code": "stopped"}
    made.results = [
        *(WorkbookResult(f"坏{at}.xlsx", "", "refused", f"“坏{at}.xlsx”已损坏。") for at in range(33)),
        *(WorkbookResult(f"停{at}.xlsx", "", reason=f"“停{at}.xlsx”尚未处理。", **stop) for at in range(40)),
    ]
    report = SimpleNamespace(batch=made, skipped=[], notices=[], unpublished=[])
    said = [line for line in closing(report, tmp_path).splitlines() if line.startswith("[未处理]")]
    assert len(said) == 32
    assert said[30] == "[未处理] 另有3个文件没有处理成功，见汇总表的“读取情况”。"
    assert said[31].startswith("[未处理] “停0.xlsx”等40个文件尚未处理：已按要求停止")


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "ascii", "cp1252", "utf-8", "no-such-codec"])
@given(text=st.text(st.characters()))
def test_saying_never_raises(encoding, text):
    stream = Stream("utf-8" if encoding == "no-such-codec" else encoding)
    stream._encoding = encoding
    say(text, stream)
    if encoding == "utf-8":
        shown = _CONTROLS.sub("?", text.replace("\r", "?"))
        assert stream.getvalue() == shown.encode("utf-8", "replace").decode() + "\n"


def test_what_the_console_cannot_show_becomes_a_question_mark():
    stream = Stream("gbk")
    say("完成率≥100% ✓ 😀", stream)
    assert stream.getvalue() == "完成率≥100% ? ?\n"


@pytest.mark.parametrize("error", [BrokenPipeError, ValueError("closed")])
def test_a_closed_window_does_not_stop_the_run(error):
    class Broken(Stream):
        def write(self, text: str) -> int:
            raise error

    say("完成", Broken())


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def run(stream: Stream, *, files: int, seconds: float) -> str:
    clock = Clock()
    with Progress(stream, clock=clock) as progress:
        for done in range(1, files + 1):
            clock.now += seconds
            progress.update(done, files, done * 80)
    return stream.getvalue()


def test_a_terminal_gets_one_line_that_is_rewritten(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = run(Stream(terminal=True), files=4, seconds=1)
    assert text.count("\n") == 1
    assert text.count("\r") == 4
    frames = [frame for frame in text.strip("\n").split("\r") if frame]
    assert frames[-1].startswith("[########################] 已处理 4/4 个文件，320 份项目数据")
    assert frames[0].startswith("[######..................] 已处理 1/4 个文件")
    assert {wcswidth(frame) for frame in frames} == {79}


def test_a_narrow_terminal_is_never_overrun(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    text = run(Stream(terminal=True), files=2, seconds=1)
    assert all(wcswidth(frame) <= 19 for frame in text.strip("\n").split("\r"))


def test_a_log_gets_a_line_now_and_then():
    lines = run(Stream(), files=100, seconds=0.5).splitlines()
    assert lines[0] == "已处理 2/100 个文件，160 份项目数据"
    assert lines[-1] == "已处理 100/100 个文件，8000 份项目数据"
    assert len(lines) == 6


def test_short_work_is_silent_in_a_log():
    assert run(Stream(), files=3, seconds=0.1) == ""
