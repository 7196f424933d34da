"""Reports about batches that are not the plain one: several units, many projects, missing figures, reviews, forms."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import docx
import openpyxl
import pytest
from support.batches import batch, finding, indicator, project, township
from support.reports import FORMS, ROOT, Written, objections, reference, written
from support.workpapers import fill

from perfbatch import config
from perfbatch.cli import main
from perfbatch.config import Settings
from perfbatch.errors import UsageError
from perfbatch.followup.ledger_reader import read_ledger
from perfbatch.followup.previous import Previous
from perfbatch.followup.review import review
from perfbatch.followup.workpaper_reader import read_workpaper
from perfbatch.identity.roster import Attendance
from perfbatch.outputs.report import NAME
from perfbatch.outputs.report.annexes import MOST_ROWS
from perfbatch.outputs.summary import write_summary
from perfbatch.outputs.workpaper import write_workpaper
from perfbatch.totals.sums import summarise

D = Decimal


def several(units: int = 3, each: int = 4):
    projects = [
        project(at, unit=f"示例{at % units}站", department=f"示例{at % units}站", executed=D(9))
        for at in range(1, units * each + 1)
    ]
    rows = [indicator(at, row) for at in range(1, units * each + 1) for row in (9, 10)]
    return batch(projects, rows, sample=["P0002", "P0005"])


def test_several_units_get_one_report_with_a_table_of_units(tmp_path):
    report = written(tmp_path, several(), Settings(unit_name="示例区财政局"))
    assert "本次自评涉及3个单位" in report.body
    assert "各单位填报2023年预算项目绩效自评表12份" in report.body
    rows = report.table("序号", "单位", "项目个数")
    assert sorted(row[1:6] for row in rows) == [[f"示例{at}站", "4", "40.00", "36.00", "90.00%"] for at in range(3)]
    assert all(row[1].startswith("示例") for row in report.table("序号", "单位", "项目名称"))
    assert "我镇" not in report.text


@pytest.mark.parametrize("form", ["township", "hubei"])
def test_a_category_that_is_called_a_project_is_said_once(tmp_path, form):
    made = several(1, 6)
    made.frames.projects["category"] = "经常性项目"
    report = written(tmp_path, made, Settings(unit_name="示例区财政局", year=2023, report=form))
    assert "年初预算安排的经常性项目，" in report.body and "经常性项目项目" not in report.body


def test_several_units_stand_before_the_names_of_their_projects(tmp_path):
    made = several()
    made.frames.projects.loc[[0, 4], "executed"] = D(0)
    report = written(tmp_path, made, Settings(unit_name="示例区财政局", year=2023))
    assert "示例项目2项目为示例2站2023年" in report.body
    assert "具体项目是示例1站的示例项目1、示例2站的示例项目5" in report.body
    rows = report.table("序号", "项目名称", "全年预算数", "全年执行数", "执行率", "自评表填写的原因")
    assert [row[1] for row in rows] == ["示例1站：示例项目1", "示例2站：示例项目5"]


def test_several_units_without_a_reporting_unit_leave_its_name_open(tmp_path):
    report = written(tmp_path, several(), Settings())
    assert report.paragraphs[0].startswith("【待填写：单位名称】2023年度部门")
    assert "【待填写：单位名称】" in report.paragraphs[report.paragraphs.index("附件1") - 2]


def test_a_figure_after_a_name_that_ends_in_a_figure_stays_readable(tmp_path):
    made = several()
    report = written(tmp_path, made, Settings(unit_name="示例区财政局", year=2023))
    assert "“示例项目2”9万元、“示例项目5”9万元" in report.body
    assert objections(made, report.text) == []


def test_long_lists_are_cut_with_a_stated_selection(tmp_path):
    made = township(MOST_ROWS + 20, 4)
    report = written(tmp_path, made, Settings(report_date="2024-03-18"))
    rows = report.table("序号", "项目名称", "全年预算数", "全年执行数", "执行率", "自评得分")
    assert len(rows) == MOST_ROWS
    numbers = [int(row[0]) for row in rows]
    assert numbers == sorted(numbers)
    assert {7, 11} <= set(numbers), "the unexecuted projects are in"
    assert f"共{MOST_ROWS + 20}个项目，本表列出{MOST_ROWS}个项目（未执行、得分低、金额大的项目优先）" in report.text
    assert f"{MOST_ROWS + 20}个项目年初预算数" in report.body, "sums are over all"


def test_a_generated_township_raises_no_objection(tmp_path):
    made = township(40, 8)
    report = written(tmp_path, made, Settings(report_date="2024-03-18", year=2023))
    assert objections(made, report.text) == []
    assert "因财力紧张等原因，项目无法全部完成，只补偿了部分地块" in report.body


def test_reasons_said_twice_are_written_once(tmp_path):
    short = {"actual_value": D(5), "actual_base": D(5), "score_declared": D(3), "reason": "雨季延长"}
    rows = [indicator(1, row, **short) for row in (9, 10)]
    report = written(tmp_path, batch([project(1)], rows), Settings())
    assert report.about("示例项目1项目，").count("雨季延长") == 1


def test_missing_reasons_are_asked_for_not_made_up(tmp_path):
    rows = [indicator(1, 9, actual_value=D(5), actual_base=D(5), score_declared=D(3), reason="无")]
    idle = project(2, executed=D(0), total_declared=D(0))
    report = written(tmp_path, batch([project(1), idle], rows), Settings())
    assert "偏差原因是：【待填写：偏差原因；自评表没有填写】" in report.about("示例项目1项目，")
    assert "未完成原因是【待填写：未执行原因" in report.body
    assert "1条扣分指标没有填写偏差原因" in report.body


def test_figures_that_no_form_states_are_left_open(tmp_path):
    nothing = dict.fromkeys(("executed", "budget_adjusted", "budget_initial", "total_declared"))
    report = written(tmp_path, batch([project(1, **nothing)], []), Settings())
    assert "总计【待填写：全年执行数合计，单位万元】" in report.body
    assert "0万元" not in report.body
    assert "没有自评得分或未能读取全年执行数，不能判断是否完成预期绩效目标" in report.body
    assert "条绩效指标的目标值" not in report.body
    assert report.table("项目", "个数")[0] == ["合计", "1", "—", "—", "—", "—"]


def test_declared_and_recomputed_scores_that_differ_are_told_in_the_margin(tmp_path):
    rows = [indicator(1, 9, actual_value=D(5), actual_base=D(5), points=D(90), score_declared=D(90))]
    made = batch([project(1)], rows, [finding(1, message="自评得分与复算得分不一致。")], sample=["P0001"])
    report = written(tmp_path, made, Settings())
    assert "该项目绩效自评得分100分。" in report.body
    margin = "\n".join(report.comments)
    assert "自评得分100分，按评分规则复算为55分" in margin
    assert "SC06 自评得分与复算得分不一致" in margin
    assert "复算" not in report.body


@pytest.mark.parametrize(
    ("score", "level", "said"),
    [("100", "equal", "抽查复核得分100分，与自评得分一致。"), ("97", "within", "抽查复核得分97分，比自评得分低3分。"),
     ("88.64", "large", "抽查复核得分88.64分，比自评得分低11.36分，差异较大，【待填写：差异原因和处理意见】。")],
)  # fmt: skip
def test_a_reviewed_score_stands_beside_the_self_score(tmp_path, score, level, said):
    done = SimpleNamespace(score=D(score), difference=100 - D(score), level=level, open=0)
    made = batch([project(1)], [indicator(1, 9)], sample=["P0001"])
    made.review = SimpleNamespace(of=lambda key: done if key == "P0001" else None)
    report = written(tmp_path, made, Settings())
    assert report.about("示例项目1项目为").endswith(f"该项目绩效自评得分100分，{said}")
    assert "已复核1个项目" in report.body


def test_the_form_by_project_has_a_report_for_each(tmp_path):
    report = written(tmp_path, reference("national"), Settings(report="hubei", report_date="2024-03-18"))
    titles = [p for p in report.document.paragraphs if p.style.name == "Title"]
    assert len(titles) == len(report.tables) == 83
    assert sum(p.paragraph_format.page_break_before or False for p in titles) == 82
    at = report.paragraphs.index("2023年度绿道绿廊土地租金项目\n绩效自评报告")
    text = "\n".join(report.paragraphs[at : at + 24])
    for heading in ("一、自评结论", "（一）自评得分", "（三）存在的问题和原因", "（四）下一步拟改进措施", "二、佐证"):
        assert heading in text
    assert "补偿面积（指标值=156.9亩）实际为116.95亩，扣3.82分，原因是：设定指标时未考虑周全" in text
    assert "科学设置指标，积极筹措资金补偿到位" in text, "the measure is taken from the reason cell"


def test_the_paragraphs_for_the_final_accounts(tmp_path):
    report = written(tmp_path, reference("national"), Settings(report="public", unit_name="安肃镇"))
    paragraphs = [text for text in report.paragraphs if "项目绩效自评综述：" in text]
    assert len(paragraphs) == 83
    text = report.about("9. 津保公路拆迁户安置取暖补助")
    assert "该项目绩效自评得分为0分。全年预算数为6.48万元，执行数为0万元，完成预算的0%。" in text
    assert "原因是：财力紧张，项目未执行。" in text
    assert any("公开前请核对" in comment for comment in report.comments)


@pytest.mark.parametrize("family", ["hubei", "public"])
def test_of_a_batch_too_large_to_hold_only_projects_with_their_rows_are_described(tmp_path, family):
    made = township(12, 4)
    made.totals = summarise(made)
    for name in ("projects", "indicators"):
        frame = getattr(made.frames, name)
        setattr(made.frames, name, frame[frame["project_id"].isin(["P0001", "P0009"])].reset_index(drop=True))
    report = written(tmp_path, made, Settings(report=family))
    assert "自评表没有绩效指标" not in report.text
    assert sum("（示例" in text and "自评" in text and "得分" in text for text in report.paragraphs) == 2
    assert "共12个项目" in report.text


def test_a_form_that_does_not_exist_is_refused_before_anything_is_read(tmp_path):
    path = tmp_path / "perfbatch.toml"
    path.write_text('report = "township2"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="township、hubei、public"):
        config.load(path)


def test_a_run_publishes_the_draft_and_says_what_is_left(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "perfbatch.toml").write_text('unit_name = "安肃镇"\n', encoding="utf-8")
    code = main(["run", str(ROOT / "input_templates" / FORMS["national"]), "--output", "out", "--workers", "1"])
    assert code in (0, 1)
    report = Written(tmp_path / "out" / NAME)
    said = capsys.readouterr().out
    assert f"报告中有{len(report.highlighted)}处待填写" in said
    assert "草稿" in said
    assert NAME in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


def vague(at: int, row: int, **values: object):
    """A row on which nobody wrote what was done."""
    said = {"actual_text": "", "actual_value": None, "actual_base": None, "comparison": "none", "score_declared": None}
    return indicator(at, row, **(said | values))


def test_of_projects_without_score_or_money_spent_nothing_is_claimed(tmp_path):
    made = batch(
        [project(1), project(2, executed=None), project(3, total_declared=None), project(4, total_declared=D(70))],
        [indicator(1, 9), indicator(2, 9), vague(3, 9), indicator(4, 9)],
        sample=["P0003"],
    )
    report = written(tmp_path, made, Settings())
    assert "预算支出项目4个，1个项目总体完成了预期绩效目标，1个未完成，具体项目是示例项目4。" in report.body
    unclear = "另有2个项目没有自评得分或未能读取全年执行数，不能判断是否完成预期绩效目标，具体项目是"
    assert f"{unclear}示例项目2、示例项目3。" in report.body
    assert "按指标逐条核对，2个项目完成全部绩效目标，1个项目没有绩效指标或有指标没有完成值、得分" in report.body
    assert "填有自评总分的3个项目平均得分为90分" in report.body
    assert "该项目绩效自评得分【待填写：自评得分】" in report.body, "17.5 of 100 points are no total"
    rows = {row[0]: row[1] for row in report.table("得分、等级", "项目个数") if len(row) > 1}
    assert (rows["总体完成"], rows["已执行、未完成"], rows["不能判断"]) == ("1", "1", "2")


def test_one_project_is_spoken_of_as_one(tmp_path):
    report = written(tmp_path, batch([project(1)], [indicator(1, 9)], sample=["P0001"]), Settings())
    assert "评价结论：1个项目自评得分为100分；" in report.body
    assert "1个项目的绩效目标设定未发现疑问。" in report.body
    assert "平均得分" not in report.body


def test_rows_that_fall_short_in_no_wide_way_are_not_called_further_ones(tmp_path):
    row = indicator(1, 9, actual_text="9.5个", actual_value=D("9.5"), actual_base=D("9.5"), score_declared=D("7.13"))
    report = written(tmp_path, batch([project(1)], [row]), Settings())
    assert report.about("有1条指标偏差较小或未得满分，详见附件。")


def test_a_unit_whose_spending_was_not_read_has_none_in_the_table_of_units(tmp_path):
    report = written(tmp_path, batch([project(1), project(2, unit="示例站", executed=None)], []), Settings())
    rows = {row[1]: row[3:6] for row in report.table("序号", "单位", "项目个数")}
    assert rows == {"示例镇人民政府": ["10.00", "10.00", "100.00%"], "示例站": ["10.00", "—", "—"]}


def test_rows_without_anything_done_are_not_told_as_completed(tmp_path):
    made = batch([project(1, executed=D(4))], [indicator(1, 9), vague(1, 10)])
    report = written(tmp_path, made, Settings(report="hubei"))
    assert "1条指标没有完成值或得分，不能判断是否完成：完成数量10。" in report.body
    assert "各项指标均已达到指标值" not in report.body
    assert "其中1条达到指标值" in report.body
    assert "预算执行率偏低，为40%。" in report.body
    public = written(tmp_path, made, Settings(report="public"))
    assert "完成数量10" not in public.body
    assert "发现的主要问题及原因：预算执行率偏低，为40%。" in public.body


def test_a_question_that_names_its_project_does_not_name_it_twice(tmp_path):
    found = [finding(1, code="IN18", severity="warning", message="项目“示例项目1”没有设置成本方面的指标。")]
    found += [finding(2, code="IN18", severity="warning", message="本表没有设置成本方面的指标。", project="")]
    report = written(tmp_path, batch([project(1), project(2)], [], found), Settings())
    text = report.about("1.缺少应当设置的指标类别（2条）。")
    assert text.endswith(
        "（2条）。项目“示例项目1”没有设置成本方面的指标。（未填项目名称）：本表没有设置成本方面的指标。"
    )


def test_a_report_that_somebody_has_written_into_is_never_replaced(tmp_path, monkeypatch, capsys):
    """Slots are filled in place; the next run writes its draft beside, and goes on replacing that one only."""
    monkeypatch.chdir(tmp_path)
    form = str(ROOT / "input_templates" / FORMS["national"])
    seeds = iter(range(9))

    def run() -> str:
        main(["run", form, "--output", "out", "--workers", "1", "--seed", str(next(seeds))])
        return capsys.readouterr().out

    assert "已有改动" not in run() + run()
    report, second = tmp_path / "out" / NAME, tmp_path / "out" / "绩效自评报告(2).docx"
    document = docx.Document(str(report))
    document.add_paragraph("本单位高度重视绩效自评工作。")
    document.save(str(report))
    before = report.read_bytes()
    said = run()
    assert "“绩效自评报告.docx”已有改动，予以保留；按本次数据写的草稿另存为“绩效自评报告(2).docx”" in said
    assert "“绩效自评报告(2).docx”是草稿" in said and "以前运行留下的" not in said
    run()
    assert report.read_bytes() == before and second.exists()
    assert sorted(path.name for path in (tmp_path / "out").glob("*.docx")) == sorted([report.name, second.name])


def test_lost_points_of_a_drawn_project_stand_there_with_their_reasons(tmp_path):
    long = "因降雨较多，施工期缩短，主体工程未能按期完成；材料价格上涨导致部分点位停工；下一步抓紧复工，尽快完成。"
    rows = [indicator(1, 9, score_declared=D(5), reason=long), indicator(1, 10), indicator(1, 11, score_declared=D(7))]
    made = batch([project(1, execution_score_declared=D(9), total_declared=D(96))], rows, sample=["P0001"])
    text = written(tmp_path, made, Settings(unit_name="示例镇")).about("示例项目1项目为")
    assert text.endswith(
        "该项目绩效自评得分96分，其中预算执行率扣1分、完成数量9扣2.5分（因降雨较多，施工期缩短，主体工程未能按期完成；"
        "材料价格上涨导致部分点位停工）、完成数量11扣0.5分。"
    )


def test_a_spot_check_is_told_once_a_workpaper_was_filled(tmp_path):
    made = batch([project(1), project(2)], [indicator(1, 9), indicator(2, 9)], sample=["P0001", "P0002"])
    report = written(tmp_path, made, Settings(unit_name="示例镇"))
    assert "抽取2个项目作为抽查对象" in report.body
    write_workpaper(tmp_path / "底稿.xlsx", made)
    filled = fill(tmp_path / "底稿.xlsx", tmp_path / "填好.xlsx", {1: {"完成数量9": {"核查分数": 7}}})
    made.review = review(made, [read_workpaper(filled)])
    report = written(tmp_path, made, Settings(unit_name="示例镇"))
    assert "对1个抽查项目逐条指标核查佐证资料和得分" in report.body
    assert "作为抽查对象" not in report.body


def test_settings_fill_what_only_people_know(tmp_path):
    told = {
        "organisation": "成立由镇长任组长的自评工作组", "supervision": "按季度监控", "work": "全年重点工作全部完成。",
        "effect": "项目实施效果较好", "goals": "目标设定总体清晰", "results": "自评结果作为下年预算安排的依据",
        "measures": "每年组织两次培训", "problems": "个别项目进度偏慢",
        "projects": {"示例项目1": "镇政府会议纪要〔2023〕2号"},
    }  # fmt: skip
    settings = Settings(unit_name="示例镇", notice="《通知》", report_date="2024-03-18", report_text=told)
    made = batch([project(1)], [indicator(1, 9)], sample=["P0001"])
    report = written(tmp_path, made, settings)
    assert report.slots == 0
    assert report.document.core_properties.content_status == "待审定"
    for text in (*(text for text in told.values() if isinstance(text, str)), "项目依据镇政府会议纪要〔2023〕2号，"):
        assert text.rstrip("。") in report.body


def test_measures_come_from_the_ledger_else_from_what_the_forms_plan(tmp_path):
    reason = "因财力紧张未执行；下一步积极筹措资金，优先安排；下一步列入下年预算"
    made = batch([project(1, executed=D(0), fund_reason=reason), project(2)], [indicator(1, 9), indicator(2, 9)])
    report = written(tmp_path, made, Settings(unit_name="示例镇"))
    assert "针对未执行项目1个，拟采取的措施是：积极筹措资金，优先安排；列入下年预算。" in report.body
    write_summary(tmp_path / "绩效自评汇总表.xlsx", made)
    book = openpyxl.load_workbook(tmp_path / "绩效自评汇总表.xlsx")
    sheet = book["整改台账"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "整改措施" for cell in row))
    column = next(cell.column for cell in head if cell.value == "整改措施")
    sheet.cell(head[0].row + 1, column).value = "三月底前与县财政局对账并申请拨款"
    book.save(tmp_path / "绩效自评汇总表.xlsx")
    made.typed = read_ledger(tmp_path)
    report = written(tmp_path, made, Settings(unit_name="示例镇"))
    assert "拟采取的措施是：三月底前与县财政局对账并申请拨款。" in report.body


def test_last_years_problems_and_what_became_of_them(tmp_path):
    """Of three problems of last year one is mended, one still there, one was not looked at."""
    idle = {"executed": D(0), "fund_reason": "财力紧张"}
    before = batch([project(1, **idle), project(2, **idle), project(3, **idle)], [indicator(n, 9) for n in (1, 2, 3)])
    write_summary(tmp_path / "绩效自评汇总表.xlsx", before)
    made = batch([project(1), project(2, **idle)], [indicator(1, 9), indicator(2, 9)])
    made.previous = Previous(before.frames, read_ledger(tmp_path), 2022)
    report = written(tmp_path, made, Settings(unit_name="示例镇"))
    said = report.about("2022年整改台账")
    assert said == "2022年整改台账中的3个问题，已整改1个，仍存在1个（示例项目2），本年没有核对的1个。"


def test_last_years_report_fills_what_may_still_hold_and_asks_to_check_it(tmp_path, monkeypatch):
    sample = ROOT / "input_templates" / FORMS["lists"]
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(sample), "--output", "上年", "--workers", "1"]) in (0, 1)
    path = tmp_path / "上年" / "绩效自评报告.docx"
    document = docx.Document(str(path))
    words = {"组织领导": "成立自评工作组", "通知名称": "某局2022年的通知", "立项依据": "均依据镇党委会议纪要"}
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            for prompt, text in words.items():
                if prompt in run.text and "待填写" in run.text:
                    run.text = text
    document.save(str(path))
    assert main(["run", str(sample), "--output", "本年", "--previous", "上年", "--workers", "1"]) in (0, 1)
    report = Written(tmp_path / "本年" / "绩效自评报告.docx")
    assert "【沿用上年，请核对：成立自评工作组】" in report.body
    assert "【沿用上年，请核对：均依据镇党委会议纪要】" in report.body
    assert "2022年的通知" not in report.body, "the notice is of one year"
    assert main(["run", str(sample), "--output", "本年", "--previous", "上年", "--workers", "1"]) in (0, 1)
    assert "【沿用上年，请核对：成立自评工作组】" in Written(tmp_path / "本年" / "绩效自评报告.docx").body


def test_units_that_handed_in_nothing_are_named(tmp_path):
    made = several()
    made.attendance = Attendance(4, ("示例局",), (), "单位名单.xlsx")
    report = written(tmp_path, made, Settings(unit_name="示例区财政局", year=2023))
    assert "应报送4个单位，已报送3个，未报送1个：示例局。" in report.body
