"""The cure proven: trainings without and with it, on the same held-out rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from statistics import fmean
from typing import Final

from ranvier.doctor.finding import Finding, Proof
from ranvier.doctor.trial import Trials

# What the weights at hand have, and new ones would not.
OF_WEIGHTS: Final = ("restart",)
# Cures that make a score honest or a network smaller, and not the score better.
NOT_BETTER: Final = (
    "leaking_column",
    "rows_in_both",
    "duplicate_column",
    "redundant_column",
    "constant_column",
    "class_never_predicted",
    "unit_can_go",
)
SEEDS: Final = 3  # trainings of each kind, whose mean score counts
MOST: Final = 3  # findings whose cure is tried, from the first


def prove(findings: Iterable[Finding], trials: Trials | None) -> list[Finding]:
    """Try the cures of the first findings.

    Parameters
    ----------
    findings
        In their order.
    trials
        The rows and the network; None: nothing can be tried.

    Returns
    -------
    list of Finding
        The same, those whose cure was tried with its `Proof`.
    """
    proven, tried = [], 0
    for finding in findings:
        can = trials is not None and finding.change and finding.name not in NOT_BETTER
        if not can or tried == MOST:
            proven.append(finding)
            continue
        assert trials is not None
        tried += 1
        proven.append(replace(finding, proof=_proof(finding, trials)))
    return proven


def _proof(finding: Finding, trials: Trials) -> Proof:
    change = finding.change
    metric = trials.metric(change)
    fresh = not any(name in change for name in OF_WEIGHTS)
    before, after = (
        fmean(
            trials.score(own, metric, fresh=fresh or bool(own), seed=seed)
            for seed in range(SEEDS)
        )
        for own in ({}, change)
    )
    rows = len(trials.held_out)
    return Proof(metric, before, after, rows, trials.epochs(change))
