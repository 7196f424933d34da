"""The aggregates that every output prints, from batches small enough to add up by hand."""

from decimal import Decimal as D

import pytest
from support.batches import batch, finding, indicator, project, township

from perfbatch.decimals import divide
from perfbatch.totals.sums import merged_tail, summarise


def test_sums_are_exact_and_unknown_figures_are_counted_not_guessed():
    made = summarise(
        batch(
            [
                project(1, budget_initial=D("0.1"), budget_adjusted=D("0.1"), executed=D("0.1")),
                project(2, budget_initial=D("0.2"), budget_adjusted=D("0.2"), executed=D("0.1")),
                project(3, budget_initial=None, budget_adjusted=None, executed=None),
            ],
            [],
        )
    ).whole
    assert (made.money["initial"], made.money["adjusted"], made.money["executed"]) == (D("0.3"), D("0.3"), D("0.2"))
    assert made.rate == divide(D("0.2"), D("0.3"))
    assert made.unknown == {"initial": 1, "adjusted": 1, "executed": 1}


def test_bands_and_grades_take_the_bound_into_the_band_above():
    scores = ["100", "90", "89.99", "60", "59.99"]
    made = summarise(batch([project(at, total_declared=D(score)) for at, score in enumerate(scores)], []))
    assert made.bands == {"90+": 2, "60-90": 2, "<60": 1}
    assert made.grades == {"优": 2, "良": 1, "中": 1, "差": 1}
    assert (made.highest, made.lowest) == (D(100), D("59.99"))


def test_a_project_without_a_total_is_counted_as_unstated():
    made = summarise(batch([project(1), project(2, total_declared=None)], []))
    assert made.bands == {"90+": 1, "60-90": 0, "<60": 0, "未填列": 1}
    assert sum(made.grades.values()) == 2


def test_unexecuted_means_nothing_executed_and_low_means_below_the_limit_of_the_ruleset():
    made = summarise(
        batch(
            [project(1), project(2, executed=D(0)), project(3, executed=D("5.9")), project(4, executed=D(6)),
             project(5, executed=None)],
            [],
        )
    )  # fmt: skip
    assert [line.project_id for line in made.unexecuted] == ["P0002"]
    assert [line.project_id for line in made.low] == ["P0003"]  # low_exec is 60 %


REASONS = [
    ({"fund_reason": "财力紧张"}, ["无", "缺口"], "财力紧张"),
    ({"fund_reason": "无"}, ["", "因雨停工", "因雨停工", "0"], "因雨停工"),
    ({"reason_box": "项目延期"}, ["因雨停工"], "项目延期"),
    ({}, ["因雨停工", "材料涨价"], "因雨停工；材料涨价"),
    ({}, ["/", "无"], ""),
]


@pytest.mark.parametrize(("form", "rows", "expected"), REASONS)
def test_the_reason_of_a_project_is_the_first_place_that_says_something(form, rows, expected):
    made = batch([project(1, **form)], [indicator(1, at, reason=text) for at, text in enumerate(rows, 10)])
    assert summarise(made).lines[0].reason == expected


def test_groups_are_ordered_by_money_and_name_the_unstated_last():
    rows = [("工程", 5), ("", 90), ("运转", 7), ("工程", 1)]
    made = summarise(
        batch([project(at, category=name, budget_adjusted=D(money)) for at, (name, money) in enumerate(rows)], [])
    )
    assert [(g.name, g.projects, g.money["adjusted"]) for g in made.categories] == [
        ("运转", 1, D(7)), ("工程", 2, D(6)), ("未填列", 1, D(90)),
    ]  # fmt: skip


def test_the_tail_of_many_groups_is_put_together_without_losing_money():
    made = summarise(batch([project(at, category=f"类{at}", budget_adjusted=D(at)) for at in range(1, 10)], []))
    kept = merged_tail(made.categories, 4)
    assert [g.name for g in kept] == ["类9", "类8", "类7", "其他"]
    assert sum(g.money["adjusted"] for g in kept) == made.whole.money["adjusted"]
    assert sum(g.projects for g in kept) == 9


def test_the_tail_knows_what_nobody_states():
    some = [project(at, category=f"类{at}", executed=None if at > 3 else D(at)) for at in range(1, 10)]
    other = merged_tail(summarise(batch(some, [])).categories, 4)[-1]
    assert (other.projects, other.stated("executed"), other.rate) == (6, None, None)


def test_there_is_no_rate_where_one_side_is_unknown():
    whole = summarise(batch([project(1, executed=None), project(2, executed=None)], [])).whole
    assert (whole.stated("adjusted"), whole.stated("executed"), whole.rate) == (D(20), None, None)


def test_computed_scores_that_make_no_hundred_points_are_no_total():
    line = summarise(batch([project(1)], [indicator(1, 10)])).lines[0]
    assert (line.declared, line.computed, line.delta) == (D(100), None, None)
    bare = summarise(batch([project(1, total_declared=None)], [indicator(1, 10)])).lines[0]
    assert bare.score is None
    rows = [indicator(1, at, points=D(30), score_declared=D(30)) for at in (10, 11, 12)]
    assert summarise(batch([project(1, total_declared=None)], rows)).lines[0].score == D(100)


def test_deviations_are_told_apart_and_sorted_by_size():
    low = {"actual_base": D(5), "actual_text": "5个", "score_declared": D("3.75")}
    lower = {"actual_base": D(1), "actual_text": "1个", "score_declared": D("0.75")}
    far = {"actual_base": D(13), "actual_text": "13个"}
    near = {"actual_base": D("11.9"), "actual_text": "11.9个"}
    words = {"kind": "qualitative", "target_base": None, "actual_base": None, "comparison": "none"}
    made = summarise(
        batch(
            [project(1), project(2, executed=D(0))],
            [
                indicator(1, 10, **low), indicator(1, 11, **lower), indicator(1, 12, **far), indicator(1, 13, **near),
                indicator(1, 14, **words, score_declared=D(6)), indicator(1, 15, role="child", **low),
                indicator(2, 10, **low),
            ],
        )
    )  # fmt: skip
    under = [one.indicator for one in made.under]
    assert [(row.actual, row.deviation, row.lost) for row in under] == [
        ("1个", D("-0.9"), D("6.75")), ("5个", D("-0.5"), D("3.75")),
    ]  # fmt: skip
    assert [one.indicator.actual for one in made.over] == ["13个"]  # 11.9 is below over_flag_ratio 1.2
    assert [one.indicator.lost for one in made.lost] == [D("1.5")]
    assert [row.project.project_id for row in made.idle] == ["P0002"]
    assert made.goals == {"met": 0, "missed": 1, "idle": 1}


def test_a_cost_far_below_its_ceiling_is_not_over_completion():
    row = indicator(1, 10, operator="le", target_text="≤10万元", actual_text="2万元", actual_base=D(2))
    made = summarise(batch([project(1)], [row]))
    assert (made.off["under"], made.off["over"]) == (0, 0)


def test_declared_against_computed_rows():
    rows = [("7.5", "10"), ("3.7", "5"), ("7.5", "5")]
    made = batch(
        [project(1)],
        [
            indicator(1, at, score_declared=D(score), actual_base=D(actual))
            for at, (score, actual) in enumerate(rows, 10)
        ]
        + [indicator(1, 20, kind="qualitative", target_base=None, actual_base=None, comparison="none")],
    )
    assert summarise(made).agreement == {"equal": 1, "near": 1, "different": 1, "open": 1}


def test_the_sample_keeps_its_order_and_its_shares():
    made = township(10)
    made.sample = ["P0003", "P0001", "gone"]
    totals = summarise(made)
    assert [line.project_id for line in totals.sample] == ["P0003", "P0001"]
    number, money = totals.drawn_shares
    assert number == D("0.2")
    assert money == divide(D("3.17") * 4, totals.whole.money["executed"])


def test_means_weigh_by_money_only_where_asked():
    made = summarise(
        batch([project(1, total_declared=D(100)), project(2, total_declared=D(70), budget_adjusted=D(30))], [])
    ).whole
    assert (made.declared_mean, made.declared_weighted) == (D("85.00"), D("77.50"))


def test_findings_come_in_the_order_of_files_sheets_rows_and_columns():
    cells = ["B10", "AA2", "B2", "C10", ""]
    found = [finding(2, cell) for cell in cells] + [finding(1, "Z99"), finding(3, "A1")]
    made = batch([project(at) for at in (1, 2, 3)], [], found)
    assert [(f.sheet, f.cell) for f in made.results[0].in_order(found)] == [
        ("表1", "Z99"), ("表2", ""), ("表2", "B2"), ("表2", "AA2"), ("表2", "B10"), ("表2", "C10"), ("表3", "A1"),
    ]  # fmt: skip


def test_counts_of_findings_by_severity_and_code():
    found = [finding(1), finding(1, "E8"), finding(2), finding(2, severity="info", code="AB01")]
    made = batch([project(1), project(2)], [], found)
    totals = summarise(made)
    assert totals.severities == {"error": 3, "warning": 0, "info": 1}
    assert [(c.code, c.findings, c.projects) for c in totals.codes] == [("SC06", 3, 2), ("AB01", 1, 1)]
    assert (totals.lines[0].errors, totals.lines[1].errors) == (2, 1)


def test_a_batch_without_any_project_has_totals():
    totals = summarise(batch([], []))
    assert (totals.whole.projects, totals.whole.rate, totals.unit, totals.year) == (0, None, "", None)
