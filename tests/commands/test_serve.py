"""ranvier serve: wrong arguments, a port that is taken, and Ctrl-C."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from served import fitted

from ranvier.commands.serve import serve

RANVIER = str(Path(sys.executable).with_name("ranvier"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    fitted("kind").save(path)
    return path


def test_what_cannot_be_served(model: Path, tmp_path: Path) -> None:
    for arguments, text in (
        (["gone"], "there is no model file 'gone'"),
        ([str(model), "--no-token", "--token-file", "x"], "exclude each other"),
        ([str(model), "--token-file", str(tmp_path / "gone")], "gone"),
        ([str(model), "--no-token", "--host", "0.0.0.0"], "requests need a token"),
    ):
        result = CliRunner().invoke(serve, arguments)
        assert result.exit_code == 1
        assert text in result.output
        assert "Traceback" not in result.output


def test_a_port_that_is_taken(model: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(serve, [str(model), "--port", port])
    assert result.exit_code == 1
    assert "in use" in result.output


def test_ctrl_c_ends_it(model: Path) -> None:
    process = subprocess.Popen(
        [RANVIER, "serve", str(model), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C" in line:
            break
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert "Traceback" not in output
    assert process.returncode in (0, 130)
