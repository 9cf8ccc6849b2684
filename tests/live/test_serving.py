"""The server on a real port: where it listens, how long it waits, what it tells."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

import pages
import pytest

from ranvier.live import serving
from ranvier.live.serving import Served, has_browser, ready

RANVIER = str(Path(sys.executable).with_name("ranvier"))


@contextmanager
def running(folder: Path, **options: object) -> Iterator[Served]:
    """Serve a folder while in the block."""
    served = ready(folder, **options)  # type: ignore[arg-type]
    thread = Thread(target=served.run)
    thread.start()
    try:
        yield served
    finally:
        served.stop()
        thread.join(600)
        assert not thread.is_alive()


def ask(served: Served, path: str, **headers: str) -> tuple[int, str]:
    """Ask a server for something, by its own address."""
    at = urlsplit(served.address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=600)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    told = answer.status, answer.headers.get("set-cookie") or answer.read().decode()
    connection.close()
    return told


def test_the_address_opens_the_page(tmp_path: Path) -> None:
    with running(tmp_path) as served:
        at = urlsplit(served.address)
        assert at.hostname == "127.0.0.1"
        code, cookie = ask(served, f"/?{at.query}")
        assert code == 303
        assert ask(served, "/", Cookie=cookie.partition(";")[0])[0] == 200
        assert ask(served, "/")[0] == 401


def listening(port: int) -> set[str]:
    """Read where a port is listened at from the kernel."""
    found = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(file).read_text().splitlines()[1:]:
            fields = line.split()
            address, _, number = fields[1].rpartition(":")
            if int(number, 16) == port and fields[3] == "0A":
                found.add(address)
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc here")
def test_only_this_machine_can_reach_it(tmp_path: Path) -> None:
    """Item S1."""
    with running(tmp_path) as served:
        port = urlsplit(served.address).port or 0
        assert listening(port) == {"0100007F"}  # 127.0.0.1


def test_two_servers_do_not_share_a_port(tmp_path: Path) -> None:
    """Item S2."""
    with running(tmp_path) as first, running(tmp_path) as second:
        ports = [urlsplit(one.address).port for one in (first, second)]
        assert ports[0] != ports[1]
        tokens = [urlsplit(one.address).query for one in (first, second)]
        assert tokens[0] != tokens[1]
        assert ask(second, f"/?{tokens[0]}")[0] == 401
        with pytest.raises(OSError, match=r"cannot be served at .* another --port"):
            ready(tmp_path, port=ports[0] or 0)


def test_a_client_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Item S14: who does not send a whole header in time is let go (slow loris)."""
    monkeypatch.setattr(serving, "HEADER_SECONDS", 0.3)
    with running(tmp_path) as served:
        port = urlsplit(served.address).port or 0
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for one in slow:
            one.settimeout(600)
            one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0")
        assert [one.recv(100) for one in slow] == [b""] * 20
        assert ask(served, "/")[0] == 401
        for one in slow:
            one.close()


def test_a_long_header(tmp_path: Path) -> None:
    with running(tmp_path) as served:
        try:
            code = ask(served, "/", X=("x" * 200_000))[0]
        except ConnectionError:  # closed before all of it was sent
            code = 400
        assert code == 400
        assert ask(served, "/")[0] == 401


def test_many_connections(tmp_path: Path) -> None:
    """A thousand connections at once, and the server still answers afterwards."""
    with running(tmp_path) as served:
        port = urlsplit(served.address).port or 0
        several = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
        for one in several:
            one.close()
        end = monotonic() + 600
        while ask(served, "/")[0] != 401:
            assert monotonic() < end
            sleep(0.1)


def test_nothing_printed_but_the_address_holds_the_token(tmp_path: Path) -> None:
    """Items S13 and S15: the token is in the address, and in no file and no log."""
    pages.record(tmp_path)
    command = [RANVIER, "view", str(tmp_path), "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line[line.index("http://") :].strip()
        at = urlsplit(address)
        token = at.query.partition("=")[2]
        assert len(token) >= 43
        for path in (f"/?token={token}", "/?token=wrong", "/api/runs", "/%00\x1b[31m"):
            connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=600)
            connection.putrequest("GET", path.replace("\x1b", "%1b"))
            connection.endheaders()
            connection.getresponse().read()
            connection.close()
        process.send_signal(2)
        rest = process.stdout.read()
    assert token not in rest
    assert "\x1b" not in rest
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()


def test_another_host_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serving._say("http://192.0.2.1:80/?token=x", "192.0.2.1")
    assert (
        "Warning: 192.0.2.1 can be reached from other machines"
        in capsys.readouterr().out
    )


def test_whatever_address_it_listens_at_is_no_name(tmp_path: Path) -> None:
    served = ready(tmp_path, host="0.0.0.0")
    assert "127.0.0.1" in served.address
    app = served.server.config.app
    assert not app.host.fullmatch("0.0.0.0:80")  # type: ignore[union-attr]
    served.listener.close()
    served.views.playground.close()


def test_forwarding_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "a b c d")
    assert not has_browser()
    serving._say("http://127.0.0.1:4321/?token=x", "127.0.0.1")
    assert "ssh -L 4321:127.0.0.1:4321" in capsys.readouterr().out


def test_it_ends_when_nobody_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "UNSEEN_SECONDS", 1.0)
    read, write = os.pipe()
    parent = os.fdopen(read)
    monkeypatch.setattr(sys, "stdin", parent)
    served = ready(tmp_path)
    thread = Thread(target=served.run)
    thread.start()
    watch = Thread(target=serving._close_when_left, args=[served])
    watch.start()
    sleep(1.5)
    assert thread.is_alive()  # who started it is still there
    os.close(write)
    thread.join(600)
    assert not thread.is_alive()
    watch.join()
    parent.close()


# Item S22: no packet leaves the machine. The whole page works in a network of its own
# that has nothing but the loopback address.
ALONE = """
import subprocess, sys, threading, urllib.request
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
from pathlib import Path
from ranvier.live.serving import ready
served = ready(Path(sys.argv[1]))
threading.Thread(target=served.run, daemon=True).start()
jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
assert b"Ranvier" in jar.open(served.address).read()
print("served")
served.stop()
"""


def test_it_needs_no_network(tmp_path: Path) -> None:
    command = ["unshare", "--net", "--map-root-user", sys.executable, "-c", ALONE]
    try:
        done = subprocess.run(
            [*command, str(tmp_path)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("unshare is not there")
    if "unshare" in done.stderr or "ip" in done.stderr.splitlines()[-1:]:
        pytest.skip("no network of its own can be made here")
    assert done.stdout == "served\n", done.stderr
