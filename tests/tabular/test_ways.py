import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss
from ranvier.splits import ensemble_splits
from ranvier.tabular.members import Aim, Lesson, Member, train_members
from ranvier.tabular.recipe import Recipe
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.ways import Held, networks, train_best
from ranvier.training.task import Data

rng = np.random.default_rng(0)
X = rng.normal(size=(100, 2)).astype(np.float32)


def lesson(Y: np.ndarray) -> Lesson:
    aim = Aim(Loss("squared_error"), 1, "identity")
    recipe = Recipe(members=8, hidden=(8,), epochs=5, batch_size=8)
    return Lesson(Data(X, Y), aim, recipe, Embedding([Plain(), Plain()]))


NOISE = 10 * rng.normal(size=(100, 1)).astype(np.float32)
LESSONS = [lesson(X[:, :1].copy()), lesson(NOISE)]
FOLDS = ensemble_splits(100, 8, seed=0)
PLACES = np.zeros(X.shape[1], bool)


def error(way: int, held: Held) -> float:
    return float(np.square(held.Z - held.Y).mean())


def test_the_better_way_is_learnt_as_if_it_were_alone() -> None:
    for order in ([0, 1], [1, 0]):
        members, way = train_best(
            [LESSONS[k] for k in order], PLACES, FOLDS, error, 3, Supervision(1)
        )
        assert order[way] == 0
        alone = train_members([LESSONS[0]] * 8, FOLDS, range(3, 11), Supervision(1))
        assert [m.network for m in members] == [m.network for m in alone]
    assert networks(LESSONS, FOLDS) == 10
    assert networks(LESSONS[:1], FOLDS) == 8


@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("fails", [False, True])
def test_the_first_of_what_is_kept_is_recorded(ways: int, fails: bool) -> None:
    recorded: list[int] = []

    def record(way: int) -> list[Member]:
        recorded.append(way)
        given = LESSONS[way : way + 1], FOLDS[:1], [3]
        return [] if fails else train_members(*given, Supervision(1))

    members, way = train_best(
        LESSONS[:ways], PLACES, FOLDS, error, 3, Supervision(1), record
    )
    assert recorded == [way] == [0]
    seeds = [member.network.seed for member in members]
    assert seeds == list(range(4 if fails else 3, 11))


def test_what_is_held_out_by_several_is_averaged() -> None:
    data = Data(X, np.arange(100.0)[:, None], np.arange(100.0))
    net = LESSONS[0].network(0)
    members = [
        Member(net, (), 0, np.array(rows), np.array(told)[:, None], 1.0)
        for rows, told in (([5, 2], [1.0, 4.0]), ([2], [6.0]))
    ]
    held = Held.of(members, data).averaged()
    assert held.rows.tolist() == [2, 5]
    assert held.Z.tolist() == [[5], [1]]
    assert held.Y.tolist() == [[2], [5]]
    assert held.weights.tolist() == [2, 5]


def test_a_skewed_target_is_learnt_by_its_logarithm() -> None:
    n, rng = 600, np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    y = np.exp(2 * table["a"] + table["b"] + rng.normal(size=n) * 0.1 + 7)
    first, last = slice(0, 400), slice(400, n)
    reg = rv.TabularRegressor(effort="fast", random_state=1)
    reg.fit(table[first], y[first])
    assert reg.units_.side == 1
    assert any("is learnt as log(1 + y / " in notice for notice in reg.notices_)
    told, low, high = reg.predict(table[last], interval=0.9)
    assert np.corrcoef(np.log(told), np.log(y[last]))[0, 1] > 0.97
    assert ((low <= told) & (told <= high)).all()
    assert (low >= 0).all()
    assert abs(((low <= y[last]) & (y[last] <= high)).mean() - 0.9) < 0.09
    parts = rv.attribute(reg, table[:3])
    assert parts.outputs == (reg.units_.name,)
    inner = reg.network_(reg.encoder_.transform(table[:3])).astype(np.float64)
    learnt = np.log1p(reg.units_.bound(inner) / reg.units_.middle)[:, 0]
    assert np.allclose(parts.prediction, learnt, atol=1e-4)
    for other in ({"loss": "absolute_error"}, {"time_limit": 60}):
        plain = rv.TabularRegressor(effort="fast", **other).fit(table[:60], y[:60])
        assert plain.units_.side == 0
