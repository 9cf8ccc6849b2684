"""What is told: plain JSON, and text that nothing in the data can steer."""

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_tables import prepared
from rich.console import Console

from ranvier.commands import report
from ranvier.tabular.fit_table import fit_table

TABLE = pd.DataFrame(
    {
        "size": np.where(np.arange(60) % 7 > 0, np.arange(60.0), np.nan),
        "[red]kind[/red]": ["a", "b", "c"] * 20,
        "day": pd.date_range("2024-01-01", periods=60),
        "same": 1,
        "y": np.arange(60) % 2,
    }
)


def shown(show: Any, *arguments: Any) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=80), *arguments)
    return stream.getvalue()


def test_nothing_in_a_name_can_steer_the_terminal() -> None:
    assert report.plain("a\nb\tc") == "a b c"
    assert report.plain("\x1b[31mred\x07\x9b") == "\ufffd[31mred\ufffd\ufffd"
    assert report.plain("abc\u202edef") == "abc\ufffddef"
    assert report.plain("펭귄 Adélie [bold] \\") == "펭귄 Adélie [bold] \\"
    assert report.plain("\udcff") == "\ufffd"


def test_the_preparation_as_json() -> None:
    told = report.describe_prepared(prepared(TABLE, "y", test_fraction=0.2))
    json.dumps(told, allow_nan=False)
    kinds = {column["name"]: column["kind"] for column in told["columns"]}
    assert kinds == {
        "size": "number",
        "[red]kind[/red]": "category",
        "day": "date",
        "same": "dropped",
    }
    assert told["rows"] == {"training": 48, "held_out": 12}
    assert [c["rows"] for c in told["task"]["classes"]] == [24, 24]


def test_the_text_shows_columns_as_they_are_named() -> None:
    told = report.describe_prepared(prepared(TABLE, "y"))
    text = shown(report.show_columns, told["columns"])
    assert "size (1 to 59, 9 missing)" in text
    assert "[red]kind[/red] (3 values)" in text
    assert "left out" in text
    assert "same (" in text
    text = shown(report.show_task, told["task"])
    assert "Task: classification of 'y' (" in text
    assert "2 classes, with rows to train on: 0 (30), 1 (30)" in text


def test_many_columns_are_counted() -> None:
    columns = [
        {"name": f"c{i}", "kind": "number", "missing": 0, "inputs": 1, "detail": ""}
        for i in range(10_000)
    ]
    text = shown(report.show_columns, columns)
    assert "10,000 inputs" in text
    assert "and 9,988 more" in text
    assert len(text) < 1000


@pytest.mark.parametrize("target", ["y", "size"])
@pytest.mark.filterwarnings("ignore:Column 'same' is left out")
def test_a_model_as_json(target: str) -> None:
    table = TABLE[TABLE[target].notna()]
    model = fit_table(table, target, epochs=2, progress=False)
    told = report.describe_model(model)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["network"]["hidden"] == [
        layer.units for layer in model.network.dense_layers[:-1]
    ]
    assert told["training"]["epochs"] == 2
    assert f"of '{target}'" in shown(report.show_task, told["task"])
    assert "2 epochs" in shown(report.show_training, told["training"])
    assert "parameters" in shown(report.show_network, told["network"])


def test_scores_stand_in_one_table() -> None:
    scores = {
        "Ranvier": {"rmse": 1234.5678, "r2": 0.91234},
        "mean": {"rmse": 4321.0, "r2": float("nan")},
    }
    text = shown(report.show_scores, scores, 1000)
    assert "Held-out scores, 1,000 rows" in text
    assert text.index("RMSE") < text.index("R2")
    for part in ("1234.6", "0.9123", "4321", " - ", "lower is better"):
        assert part in text


def test_nothing_is_told_as_minus_nothing() -> None:
    told = {"Ranvier": {"log_loss": -1e-9}, "linear model": {"log_loss": 0.5}}
    out = io.StringIO()
    report.show_scores(Console(file=out, width=90), told, 8)
    assert "0.0000" in out.getvalue()
    assert "-0.0000" not in out.getvalue()


def test_the_use_can_be_pasted() -> None:
    text = shown(report.show_use, "my models/a.safetensors", "y")
    assert "ranvier predict 'my models/a.safetensors' NEW.csv" in text
    assert "rv.load('my models/a.safetensors')" in text


def test_numbers_that_json_does_not_have_become_null() -> None:
    told = {"a": [float("nan"), 1.0], "b": {"c": float("inf")}, "d": True, "e": "x"}
    finite = {"a": [None, 1.0], "b": {"c": None}, "d": True, "e": "x"}
    assert report.finite(told) == finite
