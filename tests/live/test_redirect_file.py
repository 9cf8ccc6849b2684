import os
from pathlib import Path
from urllib.parse import urlsplit

import browser
import pytest

from ranvier.live.redirect_file import RedirectFile


def test_a_file_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    before = os.umask(0)
    try:
        with RedirectFile() as file:
            for address in ("http://127.0.0.1:1/?token=a#b=c&d", "http://[::1]:2/"):
                file.lead_to(address)
                assert browser.leads_to(file.address) == address
                assert file.path.stat().st_mode & 0o777 == 0o600
                assert file.path.parent.stat().st_mode & 0o777 == 0o700
            assert file.path.is_relative_to(tmp_path)
            assert Path(urlsplit(file.address).path) == file.path
            assert list(file.path.parent.iterdir()) == [file.path]
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_without_a_folder_of_the_session(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    with RedirectFile() as file:
        assert file.path.exists()
