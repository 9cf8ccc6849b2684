"""Names of columns and classes on the page: they have room, and stay names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pages
import pytest
from browser import VIEWS, Visit


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Yield a browser."""
    with browser.chromium() as opened:
        yield opened


def test_names_have_room_in_the_drawing(chromium: Any, tmp_path: Path) -> None:
    names = [
        "mmmmm_mmmmm_mmmmm",
        "부리의 길이는 밀리미터로",
        "x",
        "MMMMMMMMMMMMMMM",
    ]
    pages.record_table(tmp_path, names)
    with browser.viewed(tmp_path) as address:
        context = chromium.new_context()
        page = Visit(context.new_page(), address).view("network")
        page.wait_for_selector("svg.network .name")
        outside = page.evaluate("""() => {
            const drawing = document.querySelector("svg.network");
            const {width} = drawing.viewBox.baseVal;
            return [...drawing.querySelectorAll(".name")]
                .filter((name) => name.getBBox().x < 0
                    || name.getBBox().x + name.getBBox().width > width)
                .map((name) => name.textContent);
        }""")
        assert outside == []
        context.close()


def test_hostile_names_stay_names(chromium: Any, tmp_path: Path) -> None:
    """Item S9: markup and code in names of columns and classes are only shown."""
    pages.record_table(tmp_path, pages.HOSTILE[:4])
    names = pages.HOSTILE[4:8]
    pages.table(names=names).to_csv(tmp_path / "own.csv", index=False)
    (tmp_path / "own.csv").rename(tmp_path / "<b>own.csv")
    own = ["--table", str(tmp_path / "<b>own.csv"), "--target", names[3]]
    with browser.viewed(tmp_path, *own) as address:
        context = chromium.new_context()
        made = Visit(context.new_page(), address)
        for view in VIEWS:
            page = made.view(view)
            page.wait_for_timeout(200)
            assert "owned" not in page.title()
            assert page.locator("img[src='x'], main svg[onload], b").count() == (
                page.locator(".legend b, .histogram b").count()
            )
            assert page.evaluate("window.owned") is None
        page = made.view("row")
        assert pages.HOSTILE[0] in page.inner_text("main")
        assert made.complaints == []
        context.close()
