"""English sentences."""

import pytest

from ranvier.doctor.english import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_verdict_and_cure_are_sentences(name: str) -> None:
    for text in TEXTS[name]:
        assert text.endswith((".", "{notice}"))
        assert not text[0].islower()
