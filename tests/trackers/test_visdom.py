"""A real Visdom server tells what arrived; a file takes it where there is none."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trainings import rows, train

import ranvier as rv

pytestmark = [pytest.mark.peers, pytest.mark.slow]

VERSION, OLDER = "0.3.0", "0.2.4"  # the newer needs Python 3.12
SERVER = (
    "from visdom.server.run_server import start_server; start_server(port={port}, "
    "hostname='127.0.0.1', env_path='{folder}/', base_url='', bind_local=True)"
)


def newer_python() -> str | None:
    """Find a Python of 3.12 or newer, as pyenv and Debian keep them."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [*home.glob("versions/3.1[2-9]*/bin/python3")]
    found += [Path(f"/usr/bin/python3.{minor}") for minor in range(12, 16)]
    return next((str(path) for path in found if path.exists()), None)


def pip(python: str, *arguments: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot be installed: {done.stderr[-300:]}")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install Visdom in an environment of its own."""
    if (python := newer_python()) is None:
        pytest.skip("Visdom needs Python 3.12")
    folder = tmp_path_factory.mktemp("visdom")
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    done = subprocess.run(
        [*pip, f"visdom=={VERSION}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"Visdom cannot be installed: {done.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def port(environment: Path) -> Iterator[int]:
    """Start the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen = probe.getsockname()[1]
    (environment / "drawn").mkdir()
    code = SERVER.format(port=chosen, folder=environment / "drawn")
    with (environment / "log").open("w") as log:
        process = subprocess.Popen(
            [str(environment / "bin" / "python"), "-c", code],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    for _ in range(240):
        try:
            socket.create_connection(("127.0.0.1", chosen), 1).close()
            break
        except OSError:
            time.sleep(0.5)
    yield chosen
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import a client for this Python."""
    folder = str(tmp_path_factory.mktemp("client"))
    version = VERSION if sys.version_info >= (3, 12) else OLDER
    # The older one is built by a setup.py that imports pkg_resources.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder]
    done = subprocess.run(
        [*pip, "--no-build-isolation", f"visdom=={version}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"Visdom {version} cannot be installed: {done.stderr[-300:]}")
    sys.path.append(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("visdom")
    sys.path.remove(folder)


@pytest.mark.filterwarnings("ignore")
def test_a_training_arrives(client: Any, port: int) -> None:
    logger = rv.VisdomLogger(port=port, env="xor", data=rows(), histograms=7)
    _, history = train(logger)
    vis = client.Visdom(port=port, env="xor", use_incoming_socket=False)
    windows = json.loads(vis.get_window_data(env="xor"))
    titles = {window["title"] for window in windows.values()}
    assert {"Loss", "Confusion matrix", "ROC", "Network", "Training ended"} <= titles
    curves = {line["name"]: line for line in windows["loss"]["content"]["data"]}
    assert curves["train"]["x"] == list(range(1, 8))
    assert curves["train"]["y"] == pytest.approx(history.losses)
    assert curves["validation"]["y"] == pytest.approx(
        [record.validation_loss for record in history]
    )
    assert "weights W1" in windows


@pytest.mark.filterwarnings("ignore")
def test_offline(client: Any, tmp_path: Path) -> None:
    train(rv.VisdomLogger(offline=tmp_path / "log"))
    stored = (tmp_path / "log").read_text()
    assert stored.count('"win": "loss"') >= 1
    assert "Training ended" in stored


def test_a_server_that_is_down_does_not_stop_training(client: Any) -> None:
    with pytest.warns(RuntimeWarning, match="Visdom failed"):
        net, history = train(rv.VisdomLogger(port=9))
    assert history.stopped == "finished"
    assert (net.theta == train()[0].theta).all()
