"""Texts of formulas, for property tests."""

from hypothesis import strategies as st

NAMES = "abcdefghijkl"


def formulas(depth: int = 4) -> st.SearchStrategy[str]:
    """Texts that Python itself can evaluate, of the words and of the signs."""
    leaf = st.sampled_from([*NAMES, "True", "False"])
    signs = leaf
    for _ in range(depth):
        signs = st.one_of(
            leaf,
            signs.map(lambda part: f"~({part})"),
            st.tuples(signs, st.sampled_from("&|^"), signs).map(" ".join),
            signs.map(lambda part: f"({part})"),
        )
    words = signs
    for _ in range(depth):
        words = st.one_of(
            signs,
            words.map(lambda part: f"not {part}"),
            st.tuples(words, st.sampled_from(["and", "or"]), words).map(" ".join),
            words.map(lambda part: f"({part})"),
        )
    return words
