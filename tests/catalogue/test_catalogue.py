import subprocess
import sys

import pytest
from matplotlib import pyplot as plt

import ranvier as rv
from ranvier.catalogue.catalogue import WIDTH


@pytest.fixture(autouse=True)
def _closed() -> None:
    yield
    plt.close("all")


def test_it_reads_like_a_dict() -> None:
    assert "relu" in rv.activations
    assert "rellu" not in rv.activations
    assert len(rv.losses) == 7
    assert rv.losses["huber"].use.startswith("regression")


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'relu'") as told:
        rv.activations["rellu"]
    assert str(told.value).startswith("unknown activation 'rellu'")
    with pytest.raises(KeyError, match="did you mean 'huber'"):
        rv.losses.plot("hubr")


def test_text_fits_a_terminal_and_has_all_of_it() -> None:
    text = str(rv.activations)
    assert max(map(len, text.splitlines())) <= WIDTH
    for name, entry in rv.activations.items():
        assert f"\n{name} " in f"\n{text}"
        assert entry.range in text
    assert repr(rv.losses) == str(rv.losses)
    assert rv.activations.describe("relu").splitlines()[0] == "relu  max(z, 0)"


def test_html_and_frame() -> None:
    html = rv.activations._repr_html_()
    assert html.count("<tr>") == len(rv.activations) + 1
    assert "0 &lt; z &lt; 6" in html
    frame = rv.losses.to_frame()
    assert frame.loc["squared_error", "formula"] == "(a - y)**2"


def test_one_picture() -> None:
    ax = rv.activations.plot("tanh")
    f, slope = ax.lines[2:]
    assert f.get_linestyle() == "-"
    assert slope.get_linestyle() == "--"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "f(z)",
        "f'(z)",
    ]
    _, own = plt.subplots()
    assert rv.losses.plot("huber", ax=own) is own


@pytest.mark.parametrize("table", [rv.activations, rv.losses], ids=["f", "L"])
def test_all_in_one_figure(table) -> None:
    drawn = table.plot()
    assert [ax.get_title() for ax in drawn] == list(table)
    assert len({ax.figure for ax in drawn}) == 1
    drawn[0].figure.canvas.draw()


def test_listing_needs_no_matplotlib() -> None:
    program = (
        "import sys, ranvier; str(ranvier.activations); str(ranvier.losses); "
        "print('matplotlib' in sys.modules)"
    )
    told = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert told == "False\n"
