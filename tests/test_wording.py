"""Text of the project uses the field's words: a lint for words that were once private.

Checked are the prose of Markdown pages, docstrings, comments and messages of Python,
comments of C++ and JavaScript, and the sentences of the page. Names in code are not.
"""

import ast
import io
import json
import re
import tokenize
from itertools import accumulate
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE_WIDTH = 100

# Pattern (a space stands for any white space) -> what to write instead.
OLD_WORDS = {
    r"\btold\b": "shown, reported, encoded",
    r"\btell(s|ing)? (\w+ )?apart\b": "distinguish, separate",
    r"\banew\b": "again",
    r"\bof which\b": "two sentences, or 'whose'",
    r"\banswers?\b": "prediction, output, response",
    r"\b(a|the|its|whose|another) share\b": "fraction, proportion",
    r"\bthere (was|is) asked\b": "what was given and what was expected",
    r"\blessons?\b": "training set, dataset",
    r"\baims?\b": "target, objective",
    r"\bways\b": "alternatives, forms, or the thing itself",
    r"\b(goes|go|gone|went|going) on\b": "continue",
    r"\b(the|a|each|these|its) givens?\b(?=[.,;:)]|$)": "argument, input",
    r"\bof two minds\b": "bimodal",
    r"\b(left|leaves?|leaving) the finite numbers\b": "diverge (NaN, infinity)",
    r"\bplaces of (a |the )?(numbers?|categor\w+)\b": "bins, codes",
    r"\bso (is|are|does|do|did|was|were) (it|they|that|those) ?[.,;]": "also",
    r"\b(would|could|might|will) else\b": "otherwise",
    r"\bas such\b": "the thing itself",
    r"\blet go\b": "released",
    r"\bonlookers?\b": "observer, callback",
    r"\berr(s|ed|ing)?\b": "have an error of, a lower error",
}
PATTERNS = [
    (re.compile(words.replace(" ", r"\s+"), re.IGNORECASE), better)
    for words, better in OLD_WORDS.items()
]

Lines = list[tuple[int, str]]


def markdown_prose(text: str) -> Lines:
    """Return the numbered lines of a page without its code."""
    lines, fenced = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            lines.append((number, line))
    return lines


def python_prose(text: str) -> Lines:
    """Return comments, and strings of several words: docstrings, messages, texts."""
    found = [
        (token.start[0], token.string.lstrip("# "))
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(text)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and " " in text.strip():
            found += [(node.lineno + i, x) for i, x in enumerate(text.splitlines())]
    return found


def comments_prose(text: str) -> Lines:
    """Return the comments of C++ or JavaScript."""
    found = []
    for match in re.finditer(r"//[^\n]*|/\*.*?\*/", text, re.DOTALL):
        first = text.count("\n", 0, match.start()) + 1
        lines = match[0].splitlines()
        found += [(first + i, line.lstrip("/* ")) for i, line in enumerate(lines)]
    return found


def json_prose(text: str) -> Lines:
    """Return the values of a catalogue of sentences, numbered in their order."""
    values = json.loads(text).values()
    texts = [re.sub(r"{\w+}", "_", str(value)) for value in values]
    return list(enumerate(texts, 1))


def notebook_prose(text: str) -> Lines:
    """Return the text cells of a notebook; a line is numbered by its cell."""
    return [
        (number, line)
        for number, cell in enumerate(json.loads(text)["cells"], 1)
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
    ]


READERS = {
    ".ipynb": notebook_prose,
    ".md": markdown_prose,
    ".py": python_prose,
    ".h": comments_prose,
    ".cpp": comments_prose,
    ".js": comments_prose,
    ".json": json_prose,
}


def name_of(path: Path) -> str:
    """Return a path as the repository knows it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def checked_files() -> list[Path]:
    """Return the files whose text is checked."""
    found = [*ROOT.glob("*.md"), *(ROOT / "dev").glob("*.md")]
    found += [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.ipynb")]
    for folder in ("src/ranvier", "engine", "bindings", "benchmarks", "examples"):
        for suffix in (".py", ".h", ".cpp", ".js", ".md"):
            found += (ROOT / folder).rglob(f"*{suffix}")
    found += (ROOT / "tools").glob("*.py")
    found.append(ROOT / "src" / "ranvier" / "live" / "page" / "en.json")
    return sorted(set(found))


def old_words(path: Path) -> list[str]:
    """Find the old words of a file, each with its line and what to write instead."""
    lines = READERS[path.suffix](path.read_text("utf-8"))
    numbers = [number for number, _ in lines]
    prose = [re.sub(r"`[^`]*`", "`", line).replace("`", "") for _, line in lines]
    starts = [0, *accumulate(len(line) + 1 for line in prose)]
    text = "\n".join(prose)
    found = []
    for pattern, better in PATTERNS:
        for match in pattern.finditer(text):
            row = sum(start <= match.start() for start in starts) - 1
            words = " ".join(match[0].split())
            found.append(f"{name_of(path)}:{numbers[row]} {words!r}: write {better}")
    return found


def give_docstrings(path: Path) -> list[str]:
    """Find docstrings of Python that open with "Give", which says too little."""
    if path.suffix != ".py":
        return []
    opening = re.compile(r'^\s*[rf]?"""Gives? ')
    return [
        f"{name_of(path)}:{number} 'Give': write Return, Compute, Build, Set or Yield"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if opening.match(line)
    ]


def wide_lines(path: Path) -> list[str]:
    """Find lines of a page above its width, but for tables, pictures and code."""
    if path.suffix != ".md":
        return []
    return [
        f"{name_of(path)}:{number} {len(line)} columns, at most {PAGE_WIDTH}"
        for number, line in markdown_prose(path.read_text("utf-8"))
        if len(line) > PAGE_WIDTH and not line.startswith(("|", "!["))
    ]


def offences(paths: list[Path]) -> list[str]:
    """Find what is wrong in the text of files."""
    rules = (old_words, wide_lines, give_docstrings)
    return sorted(o for path in paths for rule in rules for o in rule(path))


def none_of(offences: list[str]) -> None:
    """Fail with all offences, a line each."""
    if offences:
        pytest.fail("\n".join(offences), pytrace=False)


def test_wording() -> None:
    none_of(offences(checked_files()))


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "a.md",
            "The answers are\ntold anew.\n",
            ["1 'answers'", "2 'told'", "2 'anew'"],
        ),
        ("a.md", "Eight rows, of\nwhich two\n```\nanew = 1\n```\n", ["1 'of which'"]),
        ("a.py", "anew = told = 1\n", []),
        ("a.py", "# tells them apart\n", ["1 'tells them apart'"]),
        ("a.py", "'''One.\n\nA share of it.'''\n", ["3 'A share'"]),
        (
            "a.py",
            "raise ValueError(f'there was asked for {1}')\n",
            ["1 'there was asked'"],
        ),
        ("a.py", "# networks that share weights; parallel shares; `told`\n", []),
        ("a.h", "int told; // it goes on\n", ["1 'goes on'"]),
        ("a.js", "/* a\n * lesson */ let aim;\n", ["2 'lesson'"]),
        (
            "a.ipynb",
            '{"cells": [{"cell_type": "code", "source": ["told"]},'
            ' {"cell_type": "markdown", "source": ["An answer."]}]}',
            ["2 'answer'"],
        ),
        ("a.json", '{"told": "no {answer}", "b": "errs"}', ["2 'errs'"]),
    ],
)
def test_old_words_can_be_found(
    name: str, text: str, found: list[str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    seen = [offence.partition(":")[2].partition(": ")[0] for offence in old_words(path)]
    assert sorted(seen) == sorted(found)


def test_wide_lines_can_be_found(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        f"{'a ' * 50}\n| {'b ' * 60}|\n{'c ' * 51}\n```\n{'d ' * 60}\n```\n"
    )
    assert wide_lines(path) == ["a.md:3 102 columns, at most 100"]


def test_give_docstrings_can_be_found(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('def f():\n    """Give one."""\n\n\nx = """Return one."""\n')
    assert [found.partition(":")[2][:8] for found in give_docstrings(path)] == [
        "2 'Give'"
    ]


def test_offences_of_every_rule_are_listed(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(f"Answers.\n{'c ' * 51}\n")
    assert offences([page]) == [
        "a.md:1 'Answers': write prediction, output, response",
        "a.md:2 102 columns, at most 100",
    ]
