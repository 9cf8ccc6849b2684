from pathlib import Path
from typing import Any

import pages
import pytest

from ranvier.live.code_export import python
from ranvier.live.playground_tables import own_table, toy
from ranvier.live.settings import Layer, Settings


def test_the_program() -> None:
    settings = Settings(
        table="parabola", loss="huber", layers=(Layer(3, "relu"),), l2=0.1
    )
    text = python(settings, (1,), toy("parabola", 0.1, 0), 20)
    assert "table = toy('parabola', noise=0.1, seed=0)" in text
    assert "X, y = table.X[:, [1]], table.Y" in text
    assert "rv.Dense(3, 'relu')" in text
    assert "optimizer=rv.Adam(lr=0.01, l2=0.1)" in text
    assert "loss='huber'" in text
    assert "epochs=20" in text


def test_names_of_files_are_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = 'it\'s "a" table; import os.csv'
    target = pages.HOSTILE[1]
    names = ["a", "b", "c", target]
    pages.table(names=names).to_csv(tmp_path / name, index=False)
    table = own_table(tmp_path / name, target)
    text = python(Settings(table="own"), tuple(range(len(table.columns))), table, 3)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(text, found)
    assert found["table"].target == target
