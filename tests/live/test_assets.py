"""The files of the page: a fixed list, in two languages, without a way to run text."""

import json
import re
from pathlib import Path

import pytest

from ranvier.live import assets

PAGE = Path(assets.__file__).parent / "page"
SCRIPTS = sorted(PAGE.glob("*.js"))
ENGLISH, KOREAN = (
    json.loads((PAGE / f"{tag}.json").read_text("utf-8")) for tag in ("en", "ko")
)


def test_the_list() -> None:
    found = assets.load()
    assert {"index.html", "app.js", "style.css", "en.json", "ko.json"} <= found.keys()
    assert found["app.js"].kind.startswith("text/javascript")
    assert all("/" not in name and not name.startswith(".") for name in found)


def test_every_module_is_asked_for_at_once() -> None:
    """The first page names them all, so that none waits for the one that imports it."""
    page = (PAGE / "index.html").read_text("utf-8")
    named = re.findall(r'<link rel="modulepreload" href="assets/(.*?)">', page)
    apart = {"app.js", "enter.js"}  # each is the first script of a page
    assert named == sorted({path.name for path in SCRIPTS} - apart)


# Item S9: the names of the data are text, and can be nothing else.
FORBIDDEN = [
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser",
    "eval(", "new Function", "createContextualFragment", "srcdoc", "setTimeout(\"",
    "dangerouslySetInnerHTML", "javascript:",
]  # fmt: skip


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_can_run_text(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [word for word in FORBIDDEN if word in text] == []


def test_nothing_comes_from_the_network() -> None:
    """Item S22: no address but those of the namespaces of SVG and MathML."""
    for path in PAGE.iterdir():
        found = re.findall(r"//([\w-]+(?:\.[\w-]+)+)", path.read_text("utf-8"))
        assert set(found) <= {"www.w3.org"}, path.name


def test_files_are_small() -> None:
    for path in [*SCRIPTS, *PAGE.glob("*.css")]:
        assert len(path.read_text("utf-8").splitlines()) <= 350, path.name


def places(text: str) -> list[str]:
    """Return the placeholders of a sentence."""
    return sorted(re.findall(r"\{(\w+)\}", text))


def test_both_languages_say_the_same() -> None:
    assert ENGLISH.keys() == KOREAN.keys()
    for key, text in ENGLISH.items():
        assert sorted(set(places(text))) == sorted(set(places(KOREAN[key]))), key
        assert text.strip()
        assert KOREAN[key].strip()


def test_korean_is_korean() -> None:
    same = [key for key, text in ENGLISH.items() if KOREAN[key] == text]
    assert set(same) <= {"row.weight_is"}
    bare = [
        k for k, v in KOREAN.items() if k not in same and not re.search("[가-힣]", v)
    ]
    assert bare == []


def test_no_particle_follows_a_name() -> None:
    """A particle after a place would have to know how the name there ends."""
    particles = r"\}(?:을|를|이|가|은|는|와|과|으로|로)(?:\s|$|[.,])"
    assert [key for key, text in KOREAN.items() if re.search(particles, text)] == []


def used_keys() -> set[str]:
    """Return every key that a script asks for by name."""
    found: set[str] = set()
    for path in SCRIPTS:
        text = path.read_text("utf-8")
        found |= set(re.findall(r"\bt\(\s*\"([\w. :]+)\"", text))
        kinds = "|".join(KINDS)
        found |= set(re.findall(rf"[\"'`]((?:{kinds})\.[\w: ]+)[\"'`]", text))
    return found


KINDS = sorted({key.partition(".")[0] for key in ENGLISH})


def test_every_sentence_that_is_asked_for_is_there() -> None:
    missing = {key for key in used_keys() if key not in ENGLISH}
    assert {key for key in missing if not key.startswith("error.")} == set()


def test_every_sentence_is_asked_for() -> None:
    kinds = "|".join(KINDS)
    text = "\n".join(path.read_text("utf-8") for path in SCRIPTS)
    composed = set(re.findall(rf"`({kinds})\.\$\{{", text))
    named = set(re.findall(r"named\(\"(\w+)\"", text))
    used = used_keys()
    unused = [
        key
        for key in ENGLISH
        if key not in used and key.partition(".")[0] not in composed | named
    ]
    assert unused == []
