"""Integers that float64 cannot hold: account numbers, hashes, times in nanoseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FEW_CODES = 20
WIDEST = 2**53  # the largest integer up to which float64 holds every one


def are_inexact(integers: Iterable[Any]) -> bool:
    """Say whether integers lie beyond 2^53, where float64 holds not all of them."""
    # Of larger ones than float64 has, none is a number: they become infinite.
    return any(WIDEST < abs(int(integer)) < 2**1023 for integer in integers)


def is_wide(text: str) -> bool:
    """Say whether a text is an integer whose last digits float64 would lose."""
    digits = text.strip().lstrip("+-")
    return len(digits) > 15 and digits.isdecimal() and int(digits) > WIDEST


def few_codes(counts: Mapping[str, int]) -> bool:
    """Say whether values come again and again, as codes do and measurements do not."""
    return len(counts) <= max(FEW_CODES, sum(counts.values()) // 2)
