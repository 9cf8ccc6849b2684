"""MLflow's client reads back what was logged, from a store and from a server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from trainings import train

import ranvier as rv

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]
mlflow = pytest.importorskip("mlflow")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run MLflow's server on this machine, with SQLite."""
    tmp_path = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db"]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.5)
    yield address
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def test_a_training_arrives(server: str) -> None:
    mlflow.set_tracking_uri(server)
    _, history = train(rv.MLflowLogger(run_name="first"))
    client = mlflow.MlflowClient(server)
    (run,) = client.search_runs(["0"])
    assert run.info.status == "FINISHED"
    assert run.data.params["epochs"] == "7"
    assert run.data.tags["stopped"] == "finished"
    points = client.get_metric_history(run.info.run_id, "loss/train")
    found = [p.value for p in sorted(points, key=lambda p: p.step)]
    assert found == pytest.approx(history.losses)


def test_the_active_run_is_used(server: str) -> None:
    mlflow.set_tracking_uri(server)
    with mlflow.start_run() as active:
        train(rv.MLflowLogger())
    run = mlflow.MlflowClient(server).get_run(active.info.run_id)
    assert "loss/validation" in run.data.metrics


def test_a_server_that_is_down_does_not_stop_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    net, history = train(rv.MLflowLogger())
    assert history.stopped == "finished"
    assert (net.theta == train()[0].theta).all()
