from collections.abc import Sequence
from threading import Event

import numpy as np
import pytest

from ranvier.network.columns import Category, Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss
from ranvier.splits import ensemble_splits
from ranvier.tabular.members import Aim, Lesson, Member, train_members
from ranvier.tabular.recipe import Recipe
from ranvier.tabular.supervision import Supervision
from ranvier.tabular.views import better, completed, train_views, widen, without
from ranvier.training.task import Data

ROWS = 120
PLACES = np.array([False, True, True, False, False])


def lesson(tried: int = 1) -> Lesson:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, 5)).astype(np.float32)
    X[:, 3] = rng.integers(0, 3, ROWS)
    embedding = Embedding([Plain(), Plain(), Plain(), Category(3, 2), Plain()])
    recipe = Recipe(
        members=3, hidden=(16, 8), epochs=30, batch_size=16, learning_rate=0.03,
        from_rows=False, dropout=0.0, tried=tried,
    )  # fmt: skip
    aim = Aim(Loss("squared_error"), 1, "identity")
    return Lesson(Data(X, X[:, 1:2] * 3), aim, recipe, embedding)


def trained(
    taught: Lesson,
    stopping: Event | None = None,
    given: Sequence[Member] = (),
    done: int | None = None,
) -> list[Member]:
    under = Supervision(1, stopping=stopping or Event())
    return train_views(
        taught, PLACES, ensemble_splits(ROWS, 3, seed=0), 0, under, given, done
    )


def sees(member: Member) -> bool:
    return bool(np.any(member.network.layers[1].W[[1, 2]]))  # type: ignore[union-attr]


def test_widened_it_says_the_same_whatever_it_did_not_see() -> None:
    whole = lesson()
    narrow = without(whole, PLACES)
    net, wide = narrow.network(3), whole.network(4)
    rng = np.random.default_rng(1)
    net.theta[...] = rng.normal(size=net.theta.shape)
    widen(net, wide, PLACES)
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
    members = trained(lesson())
    assert [sees(member) for member in members] == [True] * 3
    assert [len(np.unique(member.held_out)) for member in members] == [ROWS // 5] * 3


def test_where_places_tell_nothing_most_do_not_see_them() -> None:
    taught = lesson(tried=3)
    taught.data.Y[...] = np.sin(taught.data.X[:, :1]) + taught.data.X[:, 4:]
    members = trained(taught)
    assert sum(map(sees, members)) <= len(members) / 2
    for member in members:
        told = member.network(taught.data.X[member.held_out])
        assert np.array_equal(told, member.outputs)


def test_none_are_tried() -> None:
    assert all(map(sees, trained(lesson(tried=0))))


def test_a_member_that_failed_is_not_trained_again() -> None:
    members = trained(lesson(tried=2), done=1)
    # Which view is better is not known then: both are kept, of all folds but the first.
    assert [member.network.seed for member in members] == [3, 1, 4, 2]


def test_members_that_are_there_are_not_trained_again() -> None:
    taught = lesson(tried=2)
    every = trained(taught)
    two = ensemble_splits(ROWS, 3, seed=0)[:2]
    few = train_members([taught] * 2, two, [0, 1], Supervision(1))
    again = trained(taught, given=few)
    assert [m.network for m in again] == [m.network for m in every]
    assert all(any(m is one for m in again) for one in few)


def test_stopped_before_a_member_is_there() -> None:
    stopping = Event()
    stopping.set()
    assert trained(lesson(), stopping) == []


def test_a_member_that_sees_all_is_left_as_it_is() -> None:
    taught = lesson(tried=0)
    member = trained(taught)[0]
    assert completed(member, taught, PLACES) is member


@pytest.mark.parametrize("scale", [True, False])
def test_a_narrow_lesson_has_the_other_columns(scale: bool) -> None:
    taught = lesson()
    columns = taught.embedding.columns
    narrow = without(
        Lesson(taught.data, taught.aim, taught.recipe, Embedding(columns, scale=scale)),
        PLACES,
    )
    assert narrow.embedding == Embedding([columns[0], *columns[3:]], scale=scale)
    assert np.array_equal(narrow.data.X, taught.data.X[:, [0, 3, 4]])
