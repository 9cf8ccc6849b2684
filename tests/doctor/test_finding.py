"""A finding and a diagnosis: order, languages, JSON, HTML."""

import json

import numpy as np
import pytest

import ranvier as rv
from ranvier.doctor.finding import Diagnosis, Finding

SCALE = Finding("unscaled_column", {"columns": ["a"], "largest": 1e5, "usual": 1.0})
DEAD = Finding("dead_units", {"layer": 1, "count": np.int64(3), "units": 4})


def test_causes_come_first() -> None:
    assert [f.name for f in Diagnosis([DEAD, SCALE])] == [SCALE.name, DEAD.name]


def test_text_in_both_languages() -> None:
    found = Diagnosis([DEAD])
    assert "3 of 4 units of layer 1 are 0 on every row" in str(found)
    assert "1번 층의 유닛 4개 중 3개가" in str(found.in_language("ko"))
    assert found[0].code == "rv.Dense(4, 'leaky_relu')  # layer 1"


def test_lists_in_both_languages() -> None:
    found = Diagnosis([Finding("constant_column", {"columns": list("abcdefgh")})])
    assert "'a', 'b', 'c', 'd', 'e' and 3 more" in str(found)
    assert "'a', 'b', 'c', 'd', 'e' 외 3개" in str(found.in_language("ko"))


def test_unknown_language() -> None:
    with pytest.raises(ValueError, match="unknown language 'kr': choose one of en, ko"):
        Diagnosis([], language="kr")  # type: ignore[arg-type]


def test_json_holds_plain_numbers_and_no_nan() -> None:
    bad = Finding("diverged", {"epoch": 2, "loss": np.float32("nan"), "proposed": 0.1})
    told = json.loads(Diagnosis([bad, DEAD]).to_json())
    assert told["findings"][0]["evidence"] == {
        "epoch": 2,
        "loss": "nan",
        "proposed": 0.1,
    }
    assert told["findings"][1]["evidence"]["count"] == 3


def test_names_of_columns_are_escaped_and_cannot_steer_a_terminal() -> None:
    name = "<script>\x1b[2J"
    found = rv.preflight({name: [1.0, 1.0], "b": [1.0, 2.0]}, [0, 1])
    assert "<script>" not in found.to_html()
    assert "&lt;script&gt;" in found.to_html()
    assert "\x1b" not in str(found)
    assert found[0].evidence["columns"] == [name]


def test_html_of_no_finding() -> None:
    assert "발견된 문제가 없습니다." in Diagnosis([], language="ko").to_html()


def test_reads_like_a_list() -> None:
    found = Diagnosis([DEAD, SCALE])
    assert len(found) == 2
    assert found[:1] == [found[0]]
    assert repr(found) == "Diagnosis('unscaled_column' and 'dead_units')"
