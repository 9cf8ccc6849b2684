"""Members are kept that predict validation rows best."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from table_models import fitted, mixed

import ranvier as rv
from ranvier.exports import fewer_members as module
from ranvier.exports.fewer_members import fewer_members


def model_and_rows(target: str) -> tuple[rv.TableModel, pd.DataFrame]:
    table = mixed(400).sample(frac=1, random_state=0, ignore_index=True)
    table[target] = table[target].where(table.index < 390, None)  # 10 are unknown
    settings = {"effort": "default", "hidden": (4,), "epochs": 4}
    return fitted(table[:90], target, **settings), table[90:]


@pytest.mark.parametrize(
    ("target", "score"),
    [("skewed", "rmse"), ("kind", "log_loss"), ("flag", "log_loss")],
)
@pytest.mark.parametrize("count", [1, 2])
def test_no_other_members_are_better(target: str, score: str, count: int) -> None:
    model, rows = model_and_rows(target)
    smaller, said = fewer_members(model, count, rows)
    assert len(smaller.members) == count
    assert {*map(id, smaller.members)} <= {*map(id, model.members)}
    assert len(model.members) > 2
    best = min(
        module._with(model, [model.members[k] for k in kept]).evaluate(rows)[score]
        for kept in combinations(range(len(model.members)), count)
    )
    assert smaller.evaluate(rows)[score] == pytest.approx(best, rel=1e-12)
    assert said.startswith(f"{count} of {len(model.members)} networks, on the validat")
    assert f"(of all {model.evaluate(rows)[score]:.4g})" in said


def test_all_members_predict_the_same_bits() -> None:
    model, rows = model_and_rows("skewed")
    same, _ = fewer_members(model, len(model.members), rows)
    np.testing.assert_array_equal(same.predict(rows), model.predict(rows))


def test_of_many_sets_one_is_added_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = np.array([3.0, 1.0, 2.0, 5.0])

    def scores_of(kept: Sequence[int]) -> dict[str, float]:
        return {"rmse": float(errors[list(kept)].mean())}

    assert module._best(4, 2, scores_of) == [1, 2]
    monkeypatch.setattr(module, "MOST_SETS", 0)
    assert module._best(4, 2, scores_of) == [1, 2]
    assert module._best(4, 4, scores_of) == [0, 1, 2, 3]


def test_wrong_input() -> None:
    model, rows = model_and_rows("skewed")
    with pytest.raises(ValueError, match="members must be"):
        fewer_members(model, len(model.members) + 1, rows)
    with pytest.raises(ValueError, match="members must be"):
        fewer_members(model, 0, rows)
    with pytest.raises(ValueError, match="validation rows decide"):
        fewer_members(model, 1, None)
    with pytest.raises(ValueError, match="skewed"):
        fewer_members(model, 1, rows.drop(columns="skewed"))
