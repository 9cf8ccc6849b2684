"""The server on a real port: where it listens, how long it waits, what it tells."""

import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

import browser
import pages
import pytest

from ranvier.live import connections, launch
from ranvier.live.launch import Served, has_browser, ready
from stacks import hearing_ctrl_c

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
    at = urlsplit(served.origin)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=600)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def test_the_address_opens_the_page_once(tmp_path: Path) -> None:
    with running(tmp_path) as served:
        address = served.address("view=runs")
        assert address.startswith("http://127.0.0.1:")
        assert address.endswith("#view=runs")
        path, headers = pages.entered(address)
        assert ask(served, path, **headers)[0] == 200
        assert ask(served, f"{path}api/runs", **headers) == (200, '{"runs":[]}')
        for other in ("/", path, f"{path}api/runs", f"/?{urlsplit(address).query}"):
            assert ask(served, other)[0] == 401


def test_ctrl_c_before_the_first_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the loop is made, the coroutine of the server waits to be run in it."""
    served = ready(tmp_path)
    factory = served.server.config.get_loop_factory()

    def interrupted() -> object:
        signal.raise_signal(signal.SIGINT)
        return factory

    monkeypatch.setattr(served.server.config, "get_loop_factory", interrupted)
    with hearing_ctrl_c(), pytest.raises(KeyboardInterrupt):
        served.run()
    gc.collect()  # a coroutine that was never awaited would give a warning
    assert served.listener.fileno() == -1


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
        port = urlsplit(served.origin).port or 0
        assert listening(port) == {"0100007F"}  # 127.0.0.1


def test_two_servers_do_not_share_a_port(tmp_path: Path) -> None:
    """Item S2."""
    with running(tmp_path) as first, running(tmp_path) as second:
        ports = [urlsplit(one.origin).port for one in (first, second)]
        assert ports[0] != ports[1]
        tokens = [urlsplit(one.address()).query for one in (first, second)]
        assert tokens[0] != tokens[1]
        assert ask(second, f"/?{tokens[0]}")[0] == 401
        with pytest.raises(OSError, match=r"cannot be served at .* another --port"):
            ready(tmp_path, port=ports[0] or 0)


def test_a_client_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Item S14: who does not send a whole header in time is let go (slow loris)."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    with running(tmp_path) as served:
        port = urlsplit(served.origin).port or 0
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
        port = urlsplit(served.origin).port or 0
        several = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
        for one in several:
            one.close()
        assert ask(served, "/")[0] == 401


@pytest.mark.parametrize(
    "said", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nG"]
)
def test_strangers_cannot_keep_the_owner_out(tmp_path: Path, said: bytes) -> None:
    """199 connections that trickle, some after a whole request, are in nobody's way.

    Each request of the owner is answered at the first try, also by new connections, and
    those of the owner that are open stay so.
    """
    with running(tmp_path) as served:
        port = urlsplit(served.origin).port or 0
        path, headers = pages.entered(served.address())
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        kept.request("GET", f"{path}api/stream", headers=headers)
        stream = kept.getresponse()
        assert stream.status == 200
        strangers = []
        for _ in range(199):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(said)
            strangers.append(one)
        for _ in range(20):
            assert ask(served, f"{path}api/runs", **headers)[0] == 200
            for one in strangers:
                with suppress(OSError):
                    one.send(b"x")
        pages.entered(served.address())  # and a new browser comes in
        assert b"playground" in stream.readline()
        kept.close()
        for one in strangers:
            one.close()


def test_the_limit_of_streams_counts_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as served:
        port = urlsplit(served.origin).port or 0
        path, headers = pages.entered(served.address())
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"GET {path}api/stream HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n"
        several = [socket.create_connection(("127.0.0.1", port)) for _ in range(80)]
        for one in several:
            one.settimeout(600)
            one.sendall(request.encode())
        codes = [one.recv(12)[9:] for one in several]
        assert (codes.count(b"200"), codes.count(b"503")) == (64, 16)
        for one in several:
            one.close()
        # Who has gone makes room for others.
        end = monotonic() + 600
        while served.views.event_stream.clients:
            assert monotonic() < end
            sleep(0.05)


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


def said(served: Served, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is printed of a server that was not started."""
    launch._say(f"{served.origin}/?token=x", served, "file:///x")
    served.listener.close()
    served.views.playground.close()
    return capsys.readouterr().out


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "0x0", "::"])
def test_listening_everywhere_is_warned_of(
    tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(ready(tmp_path, host=host), capsys)
    assert "Warning: the page listens at" in told
    assert "The page is at http://127.0.0.1:" in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "::1"])
def test_this_machine_alone_is_not_warned_of(
    tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Warning" not in said(ready(tmp_path, host=host), capsys)


@pytest.mark.parametrize("host", ["", " "])
def test_an_empty_host_is_refused(tmp_path: Path, host: str) -> None:
    """The system would take it for every address."""
    with pytest.raises(ValueError, match=r"the host is empty: give 127\.0\.0\.1 for"):
        ready(tmp_path, host=host)
    command = [RANVIER, "view", str(tmp_path), "--host", host, "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the host is empty")


def test_every_address_of_the_machine_reaches_it(tmp_path: Path) -> None:
    with running(tmp_path, host="0.0.0.0") as served:
        port = urlsplit(served.origin).port or 0
        own = launch._own_address() or "127.0.0.3"
        for host in (own, "127.0.0.1", "127.0.0.3"):
            connection = http.client.HTTPConnection(host, port, timeout=600)
            token = served.auth.new_token()
            path, headers = pages.authenticated(connection, f"token={token}")
            connection.request("GET", f"{path}api/runs", headers=headers)
            assert connection.getresponse().status == 200
            connection.close()
        # But not by a name that DNS could make lead here, nor by 0.0.0.0.
        for name in (f"evil.example:{port}", f"0.0.0.0:{port}"):
            assert ask(served, "/", Host=name)[0] == 400


# ---------------------------------------------------------------- the redirect file


@contextmanager
def viewing(*arguments: str, **environment: str) -> Iterator[list[str]]:
    """Run ``ranvier view``, and give the lines it prints."""
    with subprocess.Popen(
        [RANVIER, "view", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        assert process.stdout is not None
        yield [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="BROWSER names a program there is not")
def test_the_arguments_of_the_browser_hold_no_token(tmp_path: Path) -> None:
    """Every user of a machine can read them."""
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n')
    program.chmod(0o755)
    runs = tmp_path / "runs"
    runs.mkdir()
    with viewing(str(runs), "--browser", BROWSER=str(program)) as (first, second):
        end = monotonic() + 600
        while not (tmp_path / "arguments").exists() or not (
            given := (tmp_path / "arguments").read_text().strip()
        ):
            assert monotonic() < end
            sleep(0.02)
        assert "http://" in first
        assert second.strip().endswith(given)
        assert given.startswith("file:///")
        assert "token" not in given
        file = Path(urlsplit(given).path)
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        once = browser.leads_to(given)
        pages.entered(once)
        again = browser.leads_to(given)  # another token, for the next time
        assert again != once
        pages.entered(again)
    assert not file.parent.exists()


def test_forwarding_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "a b c d")
    assert not has_browser()
    served = ready(tmp_path)
    port = urlsplit(served.origin).port
    assert f"ssh -L {port}:127.0.0.1:{port}" in said(served, capsys)


def test_it_ends_when_nobody_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "UNSEEN_SECONDS", 1.0)
    read, write = os.pipe()
    parent = os.fdopen(read)
    monkeypatch.setattr(sys, "stdin", parent)
    served = ready(tmp_path)
    thread = Thread(target=served.run)
    thread.start()
    watch = Thread(target=launch._close_when_left, args=[served])
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
from ranvier.live.launch import ready
served = ready(Path(sys.argv[1]))
threading.Thread(target=served.run, daemon=True).start()
jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
assert b"Ranvier" in jar.open(served.address()).read()
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
