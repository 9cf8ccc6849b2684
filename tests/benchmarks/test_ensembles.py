import pytest
from benchmarks.ensembles import Ensemble, Training, main, row_operations, sizes_of

import ranvier as rv


def test_operations_by_hand() -> None:
    net = rv.Network(
        2,
        [
            rv.Embedding([rv.columns.Plain(), rv.columns.Plain()], scale=False),
            rv.Dense(3),
        ],
    )
    assert sizes_of(net) == (2, 3)
    assert row_operations(net) == 4 * 2 * 3  # nothing learns from dX
    net = rv.Network(
        2, [rv.Embedding([rv.columns.Plain(), rv.columns.Plain()]), rv.Dense(3)]
    )
    assert row_operations(net) == 4 * 2 * 3  # a scale follows from dW
    waves = rv.Embedding(
        [rv.columns.Plain(), rv.columns.Periodic(4, 2)]
    )  # 1 + 3 numbers
    net = rv.Network(2, [waves, rv.Dense(3), rv.Dense(1)])
    assert row_operations(net) == 6 * 4 * 3 + 6 * 3 * 1


@pytest.mark.parametrize(("preset", "members"), [("", 2), ("realmlp-td", 2)])
def test_networks_of_their_own_are_one_a_thread(preset: str, members: int) -> None:
    ensemble = Ensemble(300, preset)
    training = Training(ensemble, 2)
    assert len(training.running) == training.members == members
    assert training.epochs(2) > 0
    d_in, *hidden, d_out = training.shape
    assert d_in > 16  # columns, told twice or in waves
    assert (*hidden, d_out) == (*ensemble.hyperparameters.hidden, 1)


def test_tabm_is_one_training_of_all_members() -> None:
    training = Training(Ensemble(64, "tabm"), 2)
    assert (len(training.running), training.members) == (1, 32)
    assert training.operations == 32 * 64 * (4 * 16 * 512 + 6 * (2 * 512 * 512 + 512))
    assert training.epochs(2) > 0


def test_the_command_line(capsys, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.ensembles.ENSEMBLES", (Ensemble(100),))
    main(["--rounds", "1", "--threads", "1"])
    printed = capsys.readouterr().out
    assert "| the default |  100 |    32 |" in printed
    assert printed.count(" % |") == 1
