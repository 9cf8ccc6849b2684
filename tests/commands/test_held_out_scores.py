"""The comparison: a network beside the linear model and the trivial guess."""

import numpy as np
import pandas as pd
import pytest
from raw_tables import fitted, prepared

import real_tables
from ranvier.commands.held_out_scores import score_with_baselines

rng = np.random.default_rng(0)
x, z = rng.uniform(-1, 1, size=(2, 400))
TABLE = pd.DataFrame({"x": x, "z": z, "same": x * z > 0, "product": x * z})


@pytest.mark.parametrize(
    ("target", "guess", "names"),
    [
        ("same", "majority class", ["accuracy", "log_loss", "auc"]),
        ("product", "mean", ["rmse", "mae", "r2"]),
    ],
)
def test_a_network_finds_what_a_line_cannot(
    target: str, guess: str, names: list[str]
) -> None:
    table = prepared(TABLE[["x", "z", target]], target, test_fraction=0.25)
    model = fitted(table)
    scores = score_with_baselines(model, table)
    assert list(scores) == ["Ranvier", "linear model", guess]
    assert all(list(values) == names for values in scores.values())
    first = names[0]
    ours, line, trivial = (values[first] for values in scores.values())
    if first == "accuracy":
        assert ours > 0.9 > 0.7 > line
    else:
        assert ours < 0.25 * line
        assert trivial == pytest.approx(line, rel=0.1)
    assert model.metadata.scores == scores["Ranvier"] == model.evaluate(table.test)
    assert model.metadata.test_rows == 100


def test_without_rows_held_out_there_is_nothing_to_compare() -> None:
    table = prepared(TABLE[["x", "same"]], "same", epochs=1)
    model = fitted(table)
    assert score_with_baselines(model, table) == {}
    assert model.metadata.test_rows == 0


@pytest.mark.slow
@real_tables.needed
@pytest.mark.parametrize(
    ("name", "score", "most"),
    [
        ("letter", "accuracy", 0.2),
        ("satimage", "accuracy", 0.75),
        ("adult", "accuracy", 0.92),
        ("diamonds", "rmse", 0.55),
        ("california_housing", "rmse", 0.7),
    ],
)
def test_the_default_beats_the_linear_model(name: str, score: str, most: float) -> None:
    """Share of the linear model's error that is left; README.md has the scores."""
    frame = pd.read_parquet(real_tables.path_of(name))
    table = prepared(frame, "target", test_fraction=0.2)
    scores = score_with_baselines(fitted(table), table)
    ours, theirs = (scores[who][score] for who in ("Ranvier", "linear model"))
    if score == "accuracy":
        ours, theirs = 1 - ours, 1 - theirs
    assert ours < most * theirs
