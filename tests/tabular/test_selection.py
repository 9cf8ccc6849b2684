from collections.abc import Sequence
from threading import Event

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.network.columns import Category, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss
from ranvier.splits import ensemble_splits
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import Member, MemberSpec, OutputSpec, train_members
from ranvier.tabular.outputs import number_outputs
from ranvier.tabular.selection import (
    better,
    count_networks,
    expand_inputs,
    expanded,
    select_encoding,
    train_selected,
    without,
)
from ranvier.training.task import Data

ROWS = 120
PLACES = np.array([False, True, True, False, False])


def spec(selection_folds: int = 1) -> MemberSpec:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 5)).astype(np.float32)
    X[:, 3] = rng.integers(0, 3, ROWS)
    embedding = Embedding([Plain(), Plain(), Plain(), Category(3, 2), Plain()])
    hyperparameters = Hyperparameters(
        members=3, hidden=(16, 8), epochs=30, batch_size=16, learning_rate=0.03,
        data_dependent_init=False, dropout=0.0, selection_folds=selection_folds,
    )  # fmt: skip
    output = OutputSpec(Loss("squared_error"), 1, "identity")
    return MemberSpec(Data(X, X[:, 1:2] * 3), output, hyperparameters, embedding)


def trained(
    taught: MemberSpec,
    stopping: Event | None = None,
    given: Sequence[Member] = (),
    done: int | None = None,
) -> list[Member]:
    context = FitContext(1, stopping=stopping or Event())
    return select_encoding(
        taught, PLACES, ensemble_splits(ROWS, 3, seed=0), 0, context, given, done
    )


def sees(member: Member) -> bool:
    return bool(np.any(member.network.layers[1].W[[1, 2]]))  # type: ignore[union-attr]


def test_widened_it_says_the_same_whatever_it_did_not_see() -> None:
    whole = spec()
    narrow = without(whole, PLACES)
    net, wide = narrow.network(3), whole.network(4)
    rng = np.random.default_rng(1)
    net.theta[...] = rng.normal(size=net.theta.shape)
    expand_inputs(net, wide, PLACES)
    X = whole.data.X.copy()
    X[:, PLACES] = 7
    assert net.inputs == 3
    assert np.allclose(net(narrow.data.X), wide(X), rtol=1e-4, atol=1e-5)


def test_a_view_that_is_clearly_worse_is_left_out() -> None:
    assert better([1.0, 1.2, 1.0, 1.1], [0, 1, 0, 1]) == [0]
    assert better([1.0, 1.0, 0.9, 0.8], [0, 0, 1, 1]) == [1]
    assert better([1.0, 0.99, 0.99, 1.0], [0, 1, 0, 1]) == [0, 1]
    assert better([-1.0, -1.2], [0, 1]) == [1]


def test_what_only_places_tell_is_learnt_by_members_that_see_them() -> None:
    members = trained(spec())
    assert [sees(member) for member in members] == [True] * 3
    assert [len(np.unique(member.held_out)) for member in members] == [ROWS // 5] * 3


def test_where_places_tell_nothing_most_do_not_see_them() -> None:
    taught = spec(selection_folds=3)
    taught.data.Y[...] = np.sin(taught.data.X[:, :1]) + taught.data.X[:, 4:]
    members = trained(taught)
    assert sum(map(sees, members)) <= len(members) / 2
    for member in members:
        told = member.network(taught.data.X[member.held_out])
        assert np.array_equal(told, member.outputs)


def test_none_are_tried() -> None:
    assert all(map(sees, trained(spec(selection_folds=0))))


def test_a_member_that_failed_is_not_trained_again() -> None:
    members = trained(spec(selection_folds=2), done=1)
    # Which view is better is not known then: both are kept, of all folds but the first.
    assert [member.network.seed for member in members] == [3, 1, 4, 2]


def test_members_that_are_there_are_not_trained_again() -> None:
    taught = spec(selection_folds=2)
    every = trained(taught)
    two = ensemble_splits(ROWS, 3, seed=0)[:2]
    few = train_members([taught] * 2, two, [0, 1], FitContext(1))
    again = trained(taught, given=few)
    assert [m.network for m in again] == [m.network for m in every]
    assert all(any(m is one for m in again) for one in few)


def test_stopped_before_a_member_is_there() -> None:
    stopping = Event()
    stopping.set()
    assert trained(spec(), stopping) == []


def test_a_member_that_sees_all_is_left_as_it_is() -> None:
    taught = spec(selection_folds=0)
    member = trained(taught)[0]
    assert expanded(member, taught, PLACES) is member


@pytest.mark.parametrize("scale", [True, False])
def test_a_narrow_lesson_has_the_other_columns(scale: bool) -> None:
    taught = spec()
    columns = taught.embedding.columns
    narrow = without(
        MemberSpec(
            taught.data,
            taught.output,
            taught.hyperparameters,
            Embedding(columns, scale=scale),
        ),
        PLACES,
    )
    assert narrow.embedding == Embedding([columns[0], *columns[3:]], scale=scale)
    assert np.array_equal(narrow.data.X, taught.data.X[:, [0, 3, 4]])


# ---------------------------------------------------------------- the target

rng = np.random.default_rng(0)
X = rng.normal(size=(100, 2)).astype(np.float32)


def spec_of(Y: np.ndarray) -> MemberSpec:
    output = OutputSpec(Loss("squared_error"), 1, "identity")
    hyperparameters = Hyperparameters(members=8, hidden=(8,), epochs=5, batch_size=8)
    return MemberSpec(
        Data(X, Y), output, hyperparameters, Embedding([Plain(), Plain()])
    )


NOISE = 10 * rng.normal(size=(100, 1)).astype(np.float32)
SPECS = [spec_of(X[:, :1].copy()), spec_of(NOISE)]
FOLDS = ensemble_splits(100, 8, seed=0)


# Both forms of the target in the same units, so that their errors can be compared.
FORM = number_outputs(np.array([[-1.0], [1.0]]), None)[0]
FORMS = [FORM, FORM]
NONE = np.zeros(2, bool)


def test_the_better_form_is_learned_as_if_it_were_alone() -> None:
    for order in ([0, 1], [1, 0]):
        members, form = train_selected(
            [SPECS[k] for k in order], FORMS, NONE, FOLDS, 3, FitContext(1)
        )
        assert order[form] == 0
        alone = train_members([SPECS[0]] * 8, FOLDS, range(3, 11), FitContext(1))
        assert [m.network for m in members] == [m.network for m in alone]
    assert count_networks(2, FOLDS, 0) == 10
    assert count_networks(1, FOLDS, 0) == 8
    assert count_networks(1, FOLDS, 4) == 12


@pytest.mark.parametrize("forms", [1, 2])
@pytest.mark.parametrize("fails", [False, True])
def test_the_first_of_what_is_kept_is_recorded(forms: int, fails: bool) -> None:
    recorded: list[int] = []

    def record(form: int) -> list[Member]:
        recorded.append(form)
        given = SPECS[form : form + 1], FOLDS[:1], [3]
        return [] if fails else train_members(*given, FitContext(1))

    members, form = train_selected(
        SPECS[:forms], FORMS[:forms], NONE, FOLDS, 3, FitContext(1), record
    )
    assert recorded == [form] == [0]
    seeds = [member.network.seed for member in members]
    assert seeds == list(range(4 if fails else 3, 11))


def test_a_skewed_target_is_learnt_by_its_logarithm() -> None:
    n, rng = 600, np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    y = np.exp(2 * table["a"] + table["b"] + rng.normal(size=n) * 0.1 + 7)
    first, last = slice(0, 400), slice(400, n)
    reg = rv.TabularRegressor(effort="fast", random_state=1)
    reg.fit(table[first], y[first])
    assert reg.target_transform_.sign == 1
    assert any("is learned as log(1 + y / " in notice for notice in reg.notices_)
    told, low, high = reg.predict(table[last], interval=0.9)
    assert np.corrcoef(np.log(told), np.log(y[last]))[0, 1] > 0.97
    assert ((low <= told) & (told <= high)).all()
    assert (low >= 0).all()
    assert abs(((low <= y[last]) & (y[last] <= high)).mean() - 0.9) < 0.09
    parts = rv.attribute(reg, table[:3])
    assert parts.outputs == ("y",)
    assert np.allclose(parts.prediction, reg.predict(table[:3]), rtol=1e-4)
    for other in ({"loss": "absolute_error"}, {"time_limit": 60}):
        plain = rv.TabularRegressor(effort="fast", **other).fit(table[:60], y[:60])
        assert plain.target_transform_.sign == 0
