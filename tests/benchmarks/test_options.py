from pathlib import Path

import pytest
from benchmarks.competitors import PEERS, RANVIER
from benchmarks.options import Options, options, peers_named


def test_as_in_the_documentation(tmp_path: Path) -> None:
    out = str(tmp_path / "r.md")
    words = "20-64-64-1 W3 --batch 64 --rows 6400 --quick --peers none --threads 2"
    chosen = options("training", [*words.split(), "--out", out])
    first, second = chosen.workloads
    assert (first.shape, first.batch, first.rows) == ("20-64-64-1", 64, 6400)
    assert (second.shape, second.batch) == ("64-100-10", 64)
    assert (chosen.threads, chosen.peers, chosen.rounds) == (2, (), 3)
    assert chosen.out == Path(out)


def test_without_arguments_everything_installed_is_measured() -> None:
    chosen = options("training", [])
    assert chosen.workloads == ()
    assert "scikit-learn" in [peer.name for peer in chosen.peers]
    assert chosen.rounds == 7


def test_ranvier_chooses_its_threads_and_peers_are_tried_with_several() -> None:
    chosen = Options(threads=2)
    assert chosen.threads_of(RANVIER) == (2,)
    assert chosen.threads_of(PEERS[0]) == (1, 2)
    assert Options(threads=1).thread_counts == (1,)


def test_peers_by_name() -> None:
    assert [peer.name for peer in peers_named("Scikit-Learn")] == ["scikit-learn"]
    with pytest.raises(ValueError, match="no competitor 'keras'"):
        peers_named("keras")


def test_a_peer_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.machine.installed", lambda package: None)
    with pytest.raises(ValueError, match="pip install torch"):
        peers_named("PyTorch")
    assert peers_named(None) == ()


@pytest.mark.parametrize(
    "words", ["20-x", "W2 --batch 0", "W2 --peers keras", "W2 --threads -1"]
)
def test_a_mistake_ends_the_program(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        options("training", words.split())
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err
