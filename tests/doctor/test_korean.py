"""Korean sentences: Hangul, with the numbers of the English ones."""

import pytest
from tests.doctor.test_kinds import fields

from ranvier.doctor import english
from ranvier.doctor.korean import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_sentences_are_korean(name: str) -> None:
    for text in TEXTS[name]:
        assert any("가" <= letter <= "힣" for letter in text)
        assert text.endswith(".")


@pytest.mark.parametrize("name", TEXTS)
def test_a_verdict_names_what_the_english_one_names(name: str) -> None:
    # The notice of a split is one English sentence.
    ours = fields(TEXTS[name][0]) - {"notice"}
    assert ours <= fields(english.TEXTS[name][0])
    missing = fields(english.TEXTS[name][0]) - ours - {"notice", "originals"}
    assert not missing
