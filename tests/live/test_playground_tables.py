from pathlib import Path

import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live import playground_tables as tables
from ranvier.live.playground_tables import TOYS, own_table, table_of, toy


@pytest.mark.parametrize("name", TOYS)
def test_drawn_tables(name: str) -> None:
    one, again, other = toy(name, 0.1, 1), toy(name, 0.1, 1), toy(name, 0.1, 2)
    assert one.X.tobytes() == again.X.tobytes()
    assert one.X.tobytes() != other.X.tobytes()
    assert one.X.shape == (400, 2)
    assert np.isfinite(one.X).all()
    if one.classes:
        assert sorted(set(one.Y.tolist())) == [0, 1]
        assert 150 < one.Y.sum() < 250
    else:
        assert one.Y.shape == (400, 1)


def test_what_they_are() -> None:
    xor, circles, parabola = (
        toy(name, 0.0, 0) for name in ("xor", "circles", "parabola")
    )
    np.testing.assert_array_equal(xor.Y == 1, xor.X[:, 0] * xor.X[:, 1] < 0)
    radius = np.linalg.norm(circles.X, axis=1)
    assert radius[circles.Y == 0].max() < radius[circles.Y == 1].min()
    truth = parabola.X[:, 0] ** 2 / 2 + parabola.X[:, 1] / 2
    np.testing.assert_allclose(parabola.Y[:, 0], truth, atol=1e-6)


def test_ones_own_table(tmp_path: Path) -> None:
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    table = own_table(tmp_path / "mine.csv", "kind")
    assert (table.title, table.target, table.classes) == (
        "mine.csv",
        "kind",
        ("green", "red"),
    )
    assert table.X.shape == (80, len(table.columns))
    numbers = own_table(tmp_path / "mine.csv", "height")
    assert numbers.classes == ()
    assert numbers.Y.shape == (80, 1)


def test_a_table_that_is_too_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_COLUMNS", 2)
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ValueError, match=r"has 5 encoded columns, but .* at most 2"):
        own_table(tmp_path / "mine.csv", "kind")


@pytest.mark.parametrize("query", [None, "select * from penguins"])
def test_the_table_of_a_run(tmp_path: Path, query: str | None) -> None:
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    path = str(tmp_path / "mine.csv")
    origin = {"path": path, "query": query, "target": "kind"}
    about = {"target": "log(1 + kind)", "origin": origin}
    net, X = rv.Network.mlp(1, [2], 1, seed=0), np.ones((4, 1))
    setup = rv.Recording(tmp_path, name="one", about=about)
    rv.train(net, X, X, epochs=1, run=setup)
    found = table_of(tmp_path / "one")
    if query is not None:
        assert found is None  # what was made of a table is no file
        return
    assert found is not None
    assert found.title == "mine.csv"
    assert found.table.classes == ("green", "red")
    assert found.table is found.table


def test_the_table_of_a_run_on_arrays(tmp_path: Path) -> None:
    assert table_of(pages.record(tmp_path)) is None
