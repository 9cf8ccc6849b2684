"""A finding and a diagnosis: names and numbers; words are looked up when shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from typing import Any, Literal, Self, get_args, overload

import numpy as np

from ranvier.doctor import english, korean
from ranvier.doctor.kinds import CODES, RANKS
from ranvier.messages import check_known, listed, plain

Confidence = Literal["certain", "likely", "possible"]
Language = Literal["en", "ko"]

CATALOGUES = {"en": english, "ko": korean}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;"
    "padding:0 1em;color-scheme:light dark}pre{overflow-x:auto}li{margin:1em 0}"
)
MOST_SHOWN = 10  # rows that the text names


@dataclass(frozen=True)
class Proof:
    """What a cure did: short trainings without and with it, on the same held-out rows.

    Attributes
    ----------
    metric : str
        ``"log_loss"``, ``"error_rate"`` or ``"rmse"``; less is better.
    before, after : float
        The mean score of three trainings without and with the cure.
    rows : int
        Held-out rows.
    epochs : int
        Epochs of each training.
    """

    metric: str
    before: float
    after: float
    rows: int
    epochs: int

    @property
    def improves(self) -> bool:
        """Whether the score with the cure is better."""
        return self.after < self.before


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that could be better.

    Attributes
    ----------
    name : str
        What was found, the same in every language, such as ``"unscaled_column"``.
    evidence : dict
        The numbers behind it: columns, rows, layer, epoch and others.
    confidence : str
        ``"certain"``, ``"likely"`` or ``"possible"``.
    change : dict
        What the cure changes, as `Diagnosis.prove` applies it; {} if it is not a change
        of the data or of the settings.
    proof : Proof or None
        What the cure did, once it was tried.
    language : str
        ``"en"`` or ``"ko"``.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.random.default_rng(0).normal(size=(100, 2)) * [1, 1e5]
    >>> rv.preflight(X, X[:, 0] + X[:, 1] / 1e5 > 0)[0].name
    'unscaled_column'
    """

    name: str
    evidence: Mapping[str, Any]
    confidence: Confidence = "certain"
    change: Mapping[str, Any] = field(default_factory=dict)
    proof: Proof | None = None
    language: Language = "en"

    def __post_init__(self) -> None:
        # Plain values, so that evidence reads the same in text, code and JSON.
        plain_values = {name: _plain(value) for name, value in self.evidence.items()}
        object.__setattr__(self, "evidence", plain_values)

    @property
    def verdict(self) -> str:
        """What was found, in one sentence."""
        return self._filled(CATALOGUES[self.language].TEXTS[self.name][0])

    @property
    def cure(self) -> str:
        """What to do, in one sentence."""
        return self._filled(CATALOGUES[self.language].TEXTS[self.name][1])

    @property
    def code(self) -> str:
        """The cure as Python code."""
        return self._filled(CODES[self.name], repr)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts.

        Examples
        --------
        >>> import ranvier as rv
        >>> rv.preflight([[1.0, 2.0], [1.0, 3.0]], [0, 1])[0].to_dict()["name"]
        'constant_column'
        """
        proof = self.proof
        return {
            "name": self.name,
            "verdict": self.verdict,
            "confidence": self.confidence,
            "evidence": {k: _json(v) for k, v in self.evidence.items()},
            "cure": self.cure,
            "code": self.code,
            "proof": None if proof is None else {**_json(vars(proof))},
        }

    def __str__(self) -> str:
        words = CATALOGUES[self.language].WORDS
        lines = [f"{self.verdict} [{words[self.confidence]}]"]
        lines += [f"  {words['cure']}: {self.cure}"]
        lines += [f"    {line}" for line in self.code.splitlines()]
        if self.proof is not None:
            lines.append(f"  {words['proof']}: {self._proof_text()}")
        return "\n".join(lines)

    def _proof_text(self) -> str:
        words = CATALOGUES[self.language].WORDS
        assert self.proof is not None
        return str(words["proved"]).format(**vars(self.proof))

    def _filled(self, text: str, shown: Any = None) -> str:
        show = shown or partial(_shown, language=self.language)
        values = {name: show(value) for name, value in self.evidence.items()}
        return plain_lines(text.format_map(values))


class Diagnosis(Sequence[Finding]):
    """What was found, the most likely cause first.

    Reads like a list of `Finding`; empty if nothing was found.

    Parameters
    ----------
    findings
        In any order.
    language
        ``"en"`` or ``"ko"``: of the verdicts and cures.
    setup
        What `prove` trains with; None: it cannot.

    Examples
    --------
    >>> import ranvier as rv
    >>> print(rv.preflight([[0.5, 2.0], [1.0, 3.0]], [0, 1]))
    No fault was found.
    """

    def __init__(
        self,
        findings: Iterable[Finding] = (),
        *,
        language: Language = "en",
        setup: Any = None,
    ) -> None:
        check_known("language", language, get_args(Language))
        own = (replace(finding, language=language) for finding in findings)
        order = get_args(Confidence)
        self._findings = sorted(
            own, key=lambda f: (RANKS[f.name], order.index(f.confidence))
        )
        self.language: Language = language
        self._setup = setup

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | list[Finding]:
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    def __repr__(self) -> str:
        return f"Diagnosis({listed((f.name for f in self), 8)})"

    def __str__(self) -> str:
        if not self:
            return str(CATALOGUES[self.language].WORDS["nothing"])
        return "\n".join(f"{i}. {finding}" for i, finding in enumerate(self, 1))

    def in_language(self, language: Language) -> Self:
        """Return the same findings in another language.

        Parameters
        ----------
        language
            ``"en"`` or ``"ko"``.

        Examples
        --------
        >>> import ranvier as rv
        >>> print(rv.preflight([[0.0], [1.0]], [0, 1]).in_language("ko"))
        발견된 문제가 없습니다.
        """
        return type(self)(self, language=language, setup=self._setup)

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain numbers and texts.

        Examples
        --------
        >>> import ranvier as rv
        >>> rv.preflight([[0.0], [1.0]], [0, 1]).to_dict()
        {'language': 'en', 'findings': []}
        """
        return {"language": self.language, "findings": [f.to_dict() for f in self]}

    def to_json(self) -> str:
        """Return the findings as a JSON object.

        Examples
        --------
        >>> import ranvier as rv
        >>> rv.preflight([[0.0], [1.0]], [0, 1]).to_json()
        '{"language": "en", "findings": []}'
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_html(self) -> str:
        """Return the findings as a page that stands alone.

        Examples
        --------
        >>> import ranvier as rv
        >>> "No fault was found" in rv.preflight([[0.0], [1.0]], [0, 1]).to_html()
        True
        """
        title = escape(CATALOGUES[self.language].WORDS["title"])
        return (
            f'<!doctype html><html lang="{self.language}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{STYLE}</style>"
            f"<h1>{title}</h1>{self._repr_html_()}</html>\n"
        )

    def _repr_html_(self) -> str:
        words = CATALOGUES[self.language].WORDS
        if not self:
            return f"<p>{escape(str(words['nothing']))}</p>"
        return "<ol>" + "".join(_html(finding) for finding in self) + "</ol>"


def _html(finding: Finding) -> str:
    words = CATALOGUES[finding.language].WORDS
    parts = [
        f"<strong>{escape(finding.verdict)}</strong> "
        f"<em>{escape(words[finding.confidence])}</em>",
        f"<br>{escape(words['cure'])}: {escape(finding.cure)}",
        f"<pre>{escape(finding.code)}</pre>" if finding.code else "",
    ]
    if finding.proof is not None:
        parts.append(f"{escape(words['proof'])}: {escape(finding._proof_text())}")
    numbers = json.dumps(_json(finding.evidence), ensure_ascii=False)
    title = escape(words["evidence"])
    parts.append(f"<details><summary>{title}</summary>{escape(numbers)}</details>")
    return f"<li>{''.join(parts)}</li>"


def plain_lines(text: str) -> str:
    """Make each line of a text safe for a terminal."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _shown(value: Any, language: Language) -> str:
    """Show a number with four digits, and a list by its first entries."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}"
    if isinstance(value, list | tuple | np.ndarray):
        if all(isinstance(v, int | np.integer) for v in value):
            shown = ", ".join(str(int(v)) for v in value[:MOST_SHOWN])
            return shown + (", ..." if len(value) > MOST_SHOWN else "")
        return listed(value) if language == "en" else _korean_list(list(value))
    return str(value)


def _korean_list(values: Sequence[Any], most: int = 5) -> str:
    """Quote the first names and count the others."""
    more = f" 외 {len(values) - most}개" if len(values) > most else ""
    return ", ".join(repr(str(value)) for value in values[:most]) + more


def _plain(value: Any) -> Any:
    """Return Python's own numbers and lists in place of NumPy's."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _json(value: Any) -> Any:
    """Return a value as JSON has it; a number that is not finite is a text there."""
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_json(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | str | None) else str(value)
