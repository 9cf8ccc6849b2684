"""Contributions of columns to predictions: as arrays, text, HTML and a bar plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_index
from ranvier.messages import listed, plain
from ranvier.pictures import palette
from ranvier.pictures.bars import bars
from ranvier.trace.formulas import number
from ranvier.trace.layer_trace import Array

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST: Final = 12  # columns that are listed; the others are one line


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each column contributed to each row's prediction; `attribute` makes one.

    Attributes
    ----------
    method : str
        "integrated_gradients" or "gradient_x_input".
    columns : tuple of str
        The columns of the table.
    contributions : ndarray of shape (n, columns)
        In the units of the prediction.
    inputs : tuple of str
        The inputs of the network.
    input_contributions : ndarray of shape (n, inputs)
        The same for each input; those of one column add up to the column's.
    prediction, baseline : ndarray of shape (n,)
        The prediction for the row, and for the row compared with.
    output : ndarray of shape (n,)
        The number of the output that is explained.
    outputs : tuple of str
        The names of the outputs.
    gaps : ndarray of shape (n,)
        The sum of the contributions less the prediction's difference.
    steps : ndarray of shape (n,)
        Gradients taken for each row.
    """

    method: str
    columns: tuple[str, ...]
    contributions: Array
    inputs: tuple[str, ...]
    input_contributions: Array
    prediction: Array
    baseline: Array
    output: NDArray[np.intp]
    outputs: tuple[str, ...]
    gaps: Array
    steps: NDArray[np.intp]

    @property
    def gap(self) -> float:
        """The largest completeness gap of a row, without its sign."""
        return float(np.abs(self.gaps).max())

    def strongest(self, row: int | None = None) -> list[tuple[str, float]]:
        """List the columns by the size of what they contribute, largest first.

        Parameters
        ----------
        row
            A row, counted from 0. None: the mean size over all rows.

        Returns
        -------
        list of (str, float)
            Name and contribution; without a row, its mean absolute value.

        Raises
        ------
        ValueError
            There is no such row.
        """
        if row is None:
            values = np.abs(self.contributions).mean(axis=0)
        else:
            values = self.contributions[checked_index("row", row, len(self.gaps))]
        order = np.argsort(-np.abs(values), kind="stable")
        return [(self.columns[i], float(values[i])) for i in order]

    def to_frame(self) -> pd.DataFrame:
        """Compute the contributions as a pandas frame, a line for each row."""
        import pandas as pd

        return pd.DataFrame(self.contributions, columns=list(self.columns))

    def to_shap(self, data: Any = None) -> Any:
        """Return the contributions as a ``shap.Explanation``, for SHAP's plots.

        Parameters
        ----------
        data
            The rows that were explained, (n, columns), which its plots write beside the
            columns. None: no values.

        Returns
        -------
        shap.Explanation
            ``values`` (n, columns), ``base_values`` (n,), ``feature_names``; base value
            and values of a row add up to its prediction within `gap`.

        Raises
        ------
        ImportError
            shap is not installed.
        ValueError
            The data has another number of rows, or not all columns.

        Examples
        --------
        >>> import pandas as pd
        >>> import ranvier as rv
        >>> table = pd.DataFrame({"x": range(60), "y": [2.0 * i for i in range(60)]})
        >>> model = rv.fit_table(table, "y", effort="fast")
        >>> explained = rv.attribute(model, table.head(3)).to_shap()  # doctest: +SKIP
        >>> explained.values.shape  # doctest: +SKIP
        (3, 1)
        """
        try:
            import shap
        except ImportError:
            raise ImportError(
                "to_shap needs the package shap, which is not installed: pip install "
                "shap, or use plot() and to_frame()"
            ) from None
        return shap.Explanation(
            values=np.asarray(self.contributions, np.float64),
            base_values=np.asarray(self.baseline, np.float64),
            data=None if data is None else self._values(data),
            feature_names=list(self.columns),
        )

    def _values(self, data: Any) -> Array:
        """Return the cells of the columns that are explained, (n, columns)."""
        import pandas as pd

        frame = pd.DataFrame(data)
        names = [str(name) for name in frame.columns]
        if len(frame) != len(self.gaps) or not set(self.columns) <= set(names):
            raise ValueError(
                f"data has {len(frame)} rows of {listed(names)}, but the "
                f"{len(self.gaps)} rows that were explained were expected, with "
                f"{listed(self.columns)}"
            )
        frame.columns = pd.Index(names)
        return np.asarray(frame[list(self.columns)].to_numpy(object))

    def plot(
        self, row: int | None = None, *, most: int = MOST, ax: Axes | None = None
    ) -> Axes:
        """Draw the contributions as bars with matplotlib.

        Parameters
        ----------
        row
            A row, counted from 0: what each column added or took away. None: the only
            row, or the mean size over all rows.
        most
            How many columns are drawn; the others are one bar.
        ax
            Where to draw; None: on a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.

        Raises
        ------
        ValueError
            There is no such row.
        ImportError
            matplotlib is not installed.
        """
        row = self._only(row)
        listed = _with_rest(self.strongest(row), most)
        if row is None:
            label = f"mean size of the contribution, {len(self.gaps):,} rows"
        else:
            label = f"contribution to {self._what(row)}"
        return bars([(plain(name), value) for name, value in listed], label, ax=ax)

    def __str__(self) -> str:
        return self.describe()

    def describe(
        self, row: int | None = None, values: Mapping[str, str] | None = None
    ) -> str:
        """Return a list with a bar for each column, as text.

        Parameters
        ----------
        row
            A row, counted from 0. None: the only row, or the mean size over all rows.
        values
            What the row holds, to stand beside the names: "island = Biscoe".
        """
        row = self._only(row)
        listed = _named(_with_rest(self.strongest(row), MOST), values)
        width = max(len(plain(name)) for name, _ in listed)
        lines = [self._title(row), ""]
        largest = max(abs(value) for _, value in listed) or 1.0
        for name, value in listed:
            bar = "#" * round(24 * abs(value) / largest)
            lines.append(
                f"  {plain(name):<{width}}  {number(value):>12}  {bar}".rstrip()
            )
        return "\n".join([*lines, "", self._note()])

    __repr__ = __str__

    def to_html(
        self, row: int | None = None, values: Mapping[str, str] | None = None
    ) -> str:
        """Return `describe` as HTML, in the colours of the page."""
        row = self._only(row)
        listed = _named(_with_rest(self.strongest(row), MOST), values)
        largest = max(abs(value) for _, value in listed) or 1.0
        lines = "".join(_line(plain(name), value, largest) for name, value in listed)
        return (
            f"<p>{escape(self._title(row))}</p>"
            '<table style="border-collapse:collapse">'
            f"{lines}</table><p>{escape(self._note())}</p>"
        )

    _repr_html_ = to_html

    def _only(self, row: int | None) -> int | None:
        return 0 if row is None and len(self.gaps) == 1 else row

    def _what(self, row: int) -> str:
        name = plain(self.outputs[self.output[row]])
        base, own = number(self.baseline[row]), number(self.prediction[row])
        return f"{name}: from {base} to {own}"

    def _title(self, row: int | None) -> str:
        if row is None:
            return f"Mean size of the contributions, {len(self.gaps):,} rows:"
        return f"Contributions to {self._what(row)}"

    def _note(self) -> str:
        steps = f"{self.steps.min()}"
        if self.steps.max() > self.steps.min():
            steps += f" to {self.steps.max()}"
        taken = f"{self.method.replace('_', ' ')}, gradients a row: {steps}"
        return f"{taken}; completeness gap {self.gap:.1g}."


def _named(
    listed: list[tuple[str, float]], values: Mapping[str, str] | None
) -> list[tuple[str, float]]:
    """Put its value beside each name that has one."""
    known = values or {}
    return [
        (f"{name} = {known[name]}" if name in known else name, contribution)
        for name, contribution in listed
    ]


def _with_rest(
    listed: Sequence[tuple[str, float]], most: int
) -> list[tuple[str, float]]:
    """Keep the first, and add the others up."""
    if len(listed) <= most + 1:
        return list(listed)
    rest = listed[most:]
    total = sum(value for _, value in rest)
    return [*listed[:most], (f"{len(rest)} other columns", total)]


def _line(name: str, value: float, largest: float) -> str:
    """Draw a bar to the left or to the right of a middle line."""
    share = 50 * abs(value) / largest
    start = 50.0 if value >= 0 else 50 - share
    colour = palette.POSITIVE if value >= 0 else palette.NEGATIVE
    line = "linear-gradient(currentColor,currentColor) 50% 0/1px 100% no-repeat"
    bar = (
        '<div style="position:relative;width:min(16em,25vw);height:1em;'
        f'background:{line}">'
        f'<div style="position:absolute;left:{start:.2f}%;width:{share:.2f}%;'
        f'height:100%;background:{colour}"></div></div>'
    )
    style = "padding:.15em .8em;text-align:left"
    cells = [escape(name), bar, number(value)]
    return f"<tr>{''.join(f'<td style={style!r}>{cell}</td>' for cell in cells)}</tr>"
