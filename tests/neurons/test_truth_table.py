import numpy as np

from ranvier.neurons.truth_table import TruthTable

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.int8)
TABLE = TruthTable(("a", "long"), BITS, np.array([1, 1, 0, 1], np.int8), "a <b")


def test_text_lines_up_with_the_names() -> None:
    lines = str(TABLE).splitlines()
    assert lines[0] == "a  long  a <b"
    assert lines[3] == "1     0     0"
    assert repr(TABLE) == str(TABLE)


def test_frame_and_html() -> None:
    frame = TABLE.to_frame()
    assert list(frame.columns) == ["a", "long", "a <b"]
    assert frame.to_numpy().tolist() == [[0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 1]]
    html = TABLE._repr_html_()
    assert "<th>a &lt;b</th>" in html
    assert html.count("<tr>") == 5
