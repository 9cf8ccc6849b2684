from pathlib import Path

import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live.subject import Subject, of_run, without_scale
from ranvier.live.units import Embedded, Squashed, squash, unsquash
from ranvier.table.table import TableEncoder


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Give the last network of a run on a table."""
    return of_run(rv.Run(pages.record_table(tmp_path_factory.mktemp("runs"))), None)


def test_bins_follow_from_their_number(subject: Subject) -> None:
    """A row that is set anew by its numbers is the row that the encoding makes."""
    units = subject.units
    assert isinstance(units, Embedded)
    shown = [subject.columns[i] for i in units.shown]
    assert shown == ["height", "width", "colour=blue", "colour=green", "colour=red"]
    X = subject.X[:20].copy()
    changed = np.roll(X, 1, axis=0)
    for name in ("height", "width"):
        column = subject.columns.index(name)
        changed[:, column] = X[:, column]
        units.follow(changed, column)
    bins = np.setdiff1d(np.arange(X.shape[1]), units.shown)
    assert len(bins) > 20
    np.testing.assert_allclose(changed[:, bins], X[:, bins], atol=1e-5)
    category = subject.columns.index("colour=red")
    units.follow(changed, category)
    assert units.of(category, np.array([0.0, 1.0])) is None


def test_numbers_in_their_units(subject: Subject) -> None:
    assert subject.units is not None
    column = subject.columns.index("width")
    told = subject.units.of(column, subject.X[:, column])
    np.testing.assert_allclose(told, pages.table().width, rtol=1e-3, atol=1e-4)


def test_the_scale_is_taken_into_the_weights(tmp_path: Path) -> None:
    network = rv.Run(pages.record_table(tmp_path)).network()
    assert network.embedding is not None
    assert network.embedding.scale is not None
    assert (network.embedding.scale != 1).any()
    same = without_scale(network)
    assert same.embedding is not None
    assert same.embedding.scale is not None
    assert (same.embedding.scale == 1).all()
    X = np.random.default_rng(0).normal(size=(9, network.inputs))
    np.testing.assert_allclose(same(X), network(X), atol=1e-5)
    plain = rv.Network.mlp(2, 3, 1, seed=0)
    assert without_scale(plain) == plain


def test_columns_of_the_playground() -> None:
    frame = pages.table()[["height", "width", "colour"]]
    encoder = TableEncoder.fit(frame)
    X = squash(encoder.transform(frame))
    units = Squashed(encoder, X)
    told = units.table(np.array([3, 5]))["height"]
    np.testing.assert_allclose(told, frame.height[[3, 5]], rtol=1e-4)
    np.testing.assert_allclose(units.of(1, X[:, 1]), frame.width, rtol=1e-4, atol=1e-5)
    assert units.of(2, X[:, 2]) is None
    assert units.shown.tolist() == [0, 1, 2, 3, 4]
    before = X.copy()
    units.follow(X, 0)
    assert (before == X).all()


def test_squashing_leaves_small_values_and_bounds_large_ones() -> None:
    X = np.float32([[-1e6, -2.0, -0.01, 0.0, 0.01, 2.0, 1e6]])
    S = squash(X)
    assert S.dtype == np.float32
    assert np.array_equal(S, -S[:, ::-1])
    assert (np.diff(S) > 0).all()
    assert np.abs(S).max() <= 3
    np.testing.assert_allclose(S[0, 3:5], X[0, 3:5], rtol=1e-4)
    # By hand: 2 / sqrt(1 + 4/9) = 6 / sqrt(13).
    assert S[0, 5] == pytest.approx(6 / 13**0.5)
    np.testing.assert_allclose(unsquash(S)[0, 1:-1], X[0, 1:-1], rtol=1e-4)
