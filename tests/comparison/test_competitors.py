import sys

import pytest

from ranvier.comparison.competitors import COMPETITORS, OWN, Competitor, chosen, maker


def test_all_that_are_installed() -> None:
    names = [model.name for model in chosen(None)]
    assert names[:6] == ["ranvier", "linear", "svm", "mlp", "forest", "histgb"]
    assert all(model.version for model in chosen(None))


def test_each_once_in_the_order_given() -> None:
    assert [m.name for m in chosen(["svm", "ranvier", "svm"])] == ["svm", "ranvier"]


def test_unknown_names_are_corrected() -> None:
    with pytest.raises(
        ValueError, match=r"did you mean 'forest'.*All of them: ranvier"
    ):
        chosen(["forrest"])
    with pytest.raises(ValueError, match="models names none"):
        chosen([])


def test_one_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Competitor("tree", "Tree", "no-such-distribution", "tree")
    module = sys.modules["ranvier.comparison.competitors"]
    monkeypatch.setattr(module, "COMPETITORS", (OWN, absent))
    assert chosen(None) == (OWN,)
    with pytest.raises(ImportError, match="pip install no-such-distribution"):
        chosen(["tree"])


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ranvier.comparison.pipelines", raising=False)
    monkeypatch.setitem(sys.modules, "sklearn.compose", None)
    with pytest.raises(ImportError, match="run pip install scikit-learn"):
        maker(COMPETITORS[1])


def test_makers_exist_for_packages_that_are_absent_too() -> None:
    # tests/comparison/test_pipelines.py fits each, but skips those not installed.
    made = {model.name: maker(model).__name__ for model in COMPETITORS}
    assert made == {model.name: model.maker for model in COMPETITORS}
    with pytest.raises(AttributeError, match="lightgmb"):
        maker(COMPETITORS[6]._replace(maker="lightgmb"))
