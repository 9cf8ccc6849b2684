from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pages
import pandas as pd
import pytest

import ranvier as rv
from ranvier.live import playground
from ranvier.live.network_view import describe_network
from ranvier.live.playground import Playground
from ranvier.live.playground_tables import TOYS, LazyTable, own_table
from ranvier.live.settings import BadRequestError, Layer, Settings, WeightEdit


@pytest.fixture
def ground() -> Iterator[Playground]:
    """Yield a playground."""
    made = Playground()
    yield made
    made.close()


SMALL = Settings(layers=(Layer(5, "tanh"), Layer(3, "relu")), seed=3)
CASES = [
    SMALL,
    replace(SMALL, table="parabola", loss="huber", optimizer="momentum", rate=0.003),
    replace(SMALL, table="xor", optimizer="adamw", l2=0.01, batch_size=7),
    replace(SMALL, table="spiral", optimizer="sgd", l2=0.001, layers=(), columns=(1,)),
    replace(SMALL, batch_size=4096, loss="absolute_error"),
]


@pytest.mark.parametrize("settings", CASES)
def test_it_does_what_the_python_beside_it_does(
    ground: Playground, settings: Settings
) -> None:
    ground.do("setup", settings)
    for _ in range(5):
        ground.do("step", None)
    for _ in range(3):
        ground.do("step_batch", None)
    ground.do("step", None)  # what is left of the epoch
    ground.do("step", None)
    assert ground.state()["epoch"] == 7 if settings.batch_size < 300 else 10
    names: dict[str, Any] = {}
    exec(ground.state()["python"], names)
    assert names["net"] == ground.inspection().network
    curve = ground.state()["curve"]
    history = names["history"]
    assert curve[-1][1] == pytest.approx(history[-1].loss, rel=1e-12)
    assert curve[-1][2] == history[-1].validation_loss


@pytest.mark.parametrize("name", TOYS)
def test_every_table_can_be_learnt(ground: Playground, name: str) -> None:
    layers = (Layer(24, "tanh"), Layer(16, "tanh"))
    ground.do("setup", Settings(table=name, noise=0.0, rate=0.01, layers=layers))
    for _ in range(300 if name == "spiral" else 60):
        ground.do("step", None)
    assert ground.state()["curve"][-1][1] < 0.1


def until(condition: Any) -> None:
    """Wait for something; so long only on a machine that stands still."""
    end = monotonic() + 600
    while not condition():
        assert monotonic() < end
        sleep(0.01)


def test_play_and_pause(ground: Playground) -> None:
    ground.do("play", None)
    until(lambda: ground.state()["epoch"] > 3)
    ground.do("rate", 0.5)
    ground.do("pause", None)
    stood = ground.state()["epoch"]
    sleep(0.2)
    assert ground.state()["epoch"] == stood
    assert ground.state()["touched"]
    assert ground.state()["settings"]["rate"] == 0.5
    ground.do("reset", None)
    assert ground.state()["epoch"] == 0
    assert not ground.state()["touched"]
    assert not ground.state()["playing"]


def test_the_speed_is_kept(ground: Playground) -> None:
    began = monotonic()
    ground.do("speed", 2)
    ground.do("play", None)
    until(lambda: ground.state()["epoch"] > 1)
    ground.do("pause", None)
    # It may be late, as all of the machine may be, but never early.
    assert ground.state()["epoch"] <= 2 * (monotonic() - began) + 2
    ground.do("speed", 0)
    ground.do("play", None)
    until(lambda: ground.state()["epoch"] > 100)


def test_weights_by_hand(ground: Playground) -> None:
    ground.do("weight", WeightEdit(0, 1, 2, 7.5))
    ground.do("weight", WeightEdit(1, -1, 0, -2.0))
    net = ground.inspection().network
    first, second = net.dense_layers[:2]
    assert (first.W[1, 2], second.b[0]) == (7.5, -2.0)
    for edit in [(9, 0, 0), (0, 2, 0), (0, 0, 8), (0, -1, 8)]:
        with pytest.raises(BadRequestError):
            ground.do("weight", WeightEdit(*edit, 1.0))


def test_what_cannot_be_set_up(ground: Playground) -> None:
    before = ground.state()
    for settings in (Settings(table="own"), Settings(columns=(0, 2))):
        with pytest.raises(BadRequestError):
            ground.do("setup", settings)
    assert ground.state() == before


def test_a_rate_that_is_too_high(ground: Playground) -> None:
    ground.do("setup", Settings(table="parabola", optimizer="sgd", rate=10.0))
    for _ in range(200):
        ground.do("step", None)
    state = ground.state()
    assert state["problem"] == "not finite"
    assert not state["playing"]
    assert np.isfinite(ground.inspection().network.theta).all()


@pytest.mark.parametrize("columns", [2, 200])
def test_tables_of_few_and_of_many_columns(tmp_path: Path, columns: int) -> None:
    X = np.random.default_rng(0).normal(size=(60, columns))
    frame = pd.DataFrame(X, columns=[f"column {i}" for i in range(columns)])
    frame.assign(y=X[:, 0]).to_csv(tmp_path / "mine.csv", index=False)
    ground = Playground(own_table(tmp_path / "mine.csv", "y"))
    assert ground.net.inputs == columns
    ground.do("step", None)
    assert ground.state()["epoch"] == 1
    told = describe_network(ground.inspection(), None, None, None)
    assert len(told["inputs"]["units"]) == min(columns, 12)
    assert len(told["columns"]) == columns
    ground.close()


def test_ones_own_table(tmp_path: Path) -> None:
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    ground = Playground(own_table(tmp_path / "mine.csv", "kind"))
    state = ground.state()
    assert state["own"] == "mine.csv"
    assert state["settings"]["table"] == "own"
    assert state["classes"] == ["green", "red"]
    ground.do("step", None)
    ground.do("setup", Settings(table="own", columns=(0,)))
    assert ground.inspection().network.inputs == 1
    ground.close()


def test_a_table_that_is_read_later(tmp_path: Path) -> None:
    ground = Playground(LazyTable(tmp_path / "mine.csv", "kind"))
    state = ground.state()
    assert state["own"] == "mine.csv"
    assert state["tables"][-1] == "own"
    assert state["settings"]["table"] != "own"
    with pytest.raises(BadRequestError, match=r"mine\.csv: "):
        ground.do("setup", Settings(table="own"))
    assert ground.state()["settings"] == state["settings"]
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    ground.do("setup", Settings(table="own"))
    assert ground.state()["classes"] == ["green", "red"]
    ground.close()


def test_the_curve_stays_short(
    ground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playground, "MOST_POINTS", 10)
    for _ in range(50):
        ground.do("step", None)
    curve = ground.state()["curve"]
    assert len(curve) <= 10
    assert curve[-1][0] >= 48


def test_it_is_a_network_of_ours(ground: Playground) -> None:
    assert isinstance(ground.inspection().network, rv.Network)
