from dataclasses import replace

import pytest
from benchmarks.workloads import NUMBERED, Workload, by_name, named, sizes

from benchmarks import workloads


def test_operations_by_hand() -> None:
    # 20-64-64-1: forward 2 (1280 + 4096 + 64) = 10880; backward 4 (1280 + 4096 + 64),
    # less the dX of the first layer, 2 * 1280.
    w = by_name()["W2"]
    assert w.row_flops_forward == 10_880
    assert w.row_flops == 10_880 + 21_760 - 2560
    assert w.step_flops == 128 * 30_080
    # One layer: X W and X' dZ, and no dX at all.
    assert named("3-2").row_flops == 2 * 6 + 2 * 6


def test_steps_and_a_last_smaller_one() -> None:
    w = Workload("w", (2, 1), batch=4, rows=10)
    assert w.steps == 3
    assert w.step_flops == w.row_flops * 10 / 3


def test_the_workloads_named() -> None:
    assert [w.name for w in NUMBERED] == [f"W{n}" for n in range(1, 10)]
    assert by_name()["W9"] == replace(
        by_name()["W6"], name="W9", dtype="float64"
    )  # what the issue asks for
    described = str(by_name()["W8"])
    assert described == (
        "30-512-512-512-2; batch 256; 50,000 rows; cross entropy; dropout 0.1; AdamW"
    )


def test_a_shape_and_its_settings() -> None:
    w = named("20-64-64-1", batch=32, loss="absolute_error", dropout=None)
    assert (w.layers, w.batch, w.rows) == ((20, 64, 64, 1), 32, 3200)
    assert (w.loss, w.dropout, w.activation) == ("absolute_error", 0.0, "relu")


def test_a_named_one_with_changes_has_another_name() -> None:
    assert named("W2") is not None
    assert named("W2") == by_name()["W2"]
    changed = named("W2", batch=64)
    assert (changed.batch, changed.rows) == (64, 12_800)
    assert changed.name == "W2, changed"


@pytest.mark.parametrize("text", ["W12", "20x64", "", "20--1", "20-a-1"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match="20-64-64-1"):
        sizes(text)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layers": (3,)}, "inputs and outputs"),
        ({"layers": (3, 0, 1)}, "at least 1"),
        ({"batch": 11}, "between 1 and all 10 rows"),
        ({"batch": 0}, "between 1 and all 10 rows"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"activation": "sine"}, "activation must be one of"),
        ({"dtype": "float16"}, "dtype must be one of"),
    ],
)
def test_mistakes_are_named(settings: dict[str, object], words: str) -> None:
    right = {"name": "w", "layers": (3, 1), "batch": 5, "rows": 10}
    Workload(**right)
    with pytest.raises(ValueError, match=words):
        Workload(**{**right, **settings})


def test_learning_rate_is_the_usual_one_of_adam() -> None:
    import ranvier as rv

    assert rv.Adam().lr == workloads.LEARNING_RATE
