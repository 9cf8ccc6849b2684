"""The report as Markdown: `docs/accuracy.md`."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np

from benchmarks.accuracy import ablation, standing
from benchmarks.accuracy import results as stored
from benchmarks.accuracy.contenders import CONTENDERS, RANVIER
from benchmarks.accuracy.reasons import REASONS
from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.standing import Tables
from benchmarks.accuracy.tables import DEVELOPMENT
from benchmarks.report import figure, table, times, written

SHOWN_LOSSES = 5
PAGE_WIDTH = 99
TITLES = {contender.name: contender.title for contender in CONTENDERS}
KINDS = {"Classification": False, "Regression": True}  # whether it is a regression

HEAD = """# Accuracy

Errors of `rv.TabularClassifier` and `rv.TabularRegressor` with their defaults on 61 real tables,
beside other models with theirs. To compare models on your own table:

```python
import pandas as pd
import ranvier as rv

table = pd.read_csv("examples/penguins.csv")
print(rv.compare(table, "species", models=["linear", "forest"], folds=3))
```

`benchmarks/results/accuracy.jsonl` holds one line per trial, and this page is generated from it:

```bash
python -m venv ../contenders
../contenders/bin/python -m pip install 'pip>=25.1'
../contenders/bin/python -m pip install --group accuracy '.[app,plot]'
.venv/bin/python -m benchmarks accuracy --python ../contenders/bin/python --write docs/accuracy.md
```

The command skips trials that are in the file. `--again ranvier` repeats one contender, `--report`
runs nothing. The results of Ranvier belong to the commit named at the end of this page."""

PROTOCOL = """The tables have 308 to 150,000 rows. The test set is a quarter of the rows, at most 10,000; the
training set is at most 10,000 of the others. Tables below 1,600 rows are split three times, and
their results are means. Splits are stratified by class, and every contender sees the same rows.
Nothing is tuned: each contender has its defaults, two threads and its own process.

- *Error* is the fraction of misclassified rows, or the root mean squared error divided by the
  standard deviation of the test targets. *Mean error* is the shifted geometric mean: exp of the
  mean of log(error + 0.01).
- *Time* is processor time, which is less sensitive to other work on the machine than wall time.
  2.0x is twice Ranvier's time, as a geometric mean over the tables.
- The linear model, the SVM and scikit-learn's MLP get medians for missing numbers, standardised
  numbers and one-hot categories, fitted on the training rows. The SVM and the MLP also get
  standardised regression targets. The forest gets integer codes of categories; the boosted trees
  get categories as categories.
- RealMLP-TD and TabM-D are pytabkit's, each with a validation fraction of one fifth. They accept
  no missing numbers, so they get medians and an indicator column for each.
- All trials ran on one machine with little other load, except RealMLP-TD on chicago_ridership,
  coil2000, communities, deliveries, gss_happiness, india_stunting, lending_rate, mnist,
  movielens100k, optdigits, otto, puma32h, satimage and spambase, which ran beside work of the
  lowest priority.
- AUC is the mean of one-versus-rest over the classes. SVC gives no probabilities, so it has no
  log-loss."""

UNSEEN = """The hyperparameters of the tabular networks were chosen on splits of some of these tables,
including their test sets, so the figures above flatter Ranvier there. This section has only the
other tables. Tables used for the choice:"""
FEW = stored.STORED.with_name("few_rows.jsonl")
FEW_ROWS = """The same with 640 training rows per table, so that TabM-D can be compared. Its 20 fits here took 25
minutes; in proportion to the rows, those of the tables above would take ten hours. To add tables:
`--rows 640 --results benchmarks/results/few_rows.jsonl --tables NAMES`."""
STANDING = (
    "contender",
    "mean rank",
    "mean error",
    "AUC",
    "log-loss",
    "Ranvier wins",
    "loses",
    "ties",
    "fit",
    "predict",
)


def report(results: Mapping[Key, Result], picture: str | None = None) -> str:
    """Write the whole report; `picture` is the path of its picture relative to it.

    Raises
    ------
    ValueError
        No ranked contender has results, or as for `standing.gather`.
    """
    found = standing.gather(results)
    if not present(found):
        ranked = ", ".join(c.name for c in CONTENDERS)
        raise ValueError(
            "there is nothing to rank: no contender has results for all splits of a "
            f"table. Run some of {ranked}; --presets reports the others"
        )
    parts = [HEAD, written("Method", PROTOCOL).rstrip()]
    parts.append(written("Goals", goals(found)).rstrip())
    for title, regression in KINDS.items():
        parts.append(written(title, *_of_kind(found, regression)).rstrip())
    if few := stored.read(FEW):
        parts.append(written("With few rows", few_rows(standing.gather(few))).rstrip())
    apart = written("Tables not used to choose hyperparameters", unseen(found))
    parts.append(apart.rstrip())
    if picture is not None:
        sees = "Error against fit time of each contender, both as in the tables."
        parts.append(
            written("Error against fit time", f"![{sees}]({picture})").rstrip()
        )
    parts.append(written("Largest losses", _lost(found)).rstrip())
    worth = ablation.section(stored.read(ablation.STORED))
    parts.append(written("Ablation", worth).rstrip())
    parts.append(written("Missing results", _missing(found)).rstrip())
    parts.append(written("Versions", versions(results)).rstrip())
    return "\n\n".join(parts) + "\n"


def present(found: Tables) -> list[str]:
    """List the contenders that have a result, in their order."""
    return [c.name for c in CONTENDERS if c.name in found.reached]


def groups(found: Tables, regression: bool) -> list[list[str]]:
    """Choose the groups of contenders to rank.

    The last group is all contenders, on the tables common to all. If leaving out those
    with the fewest tables gives more common tables, that group comes first.
    """
    everybody = present(found)
    counts = {name: len(found.common([name], regression)) for name in everybody}
    shared = len(found.common(everybody, regression))
    chosen = []
    for least in sorted(set(counts.values()), reverse=True):
        group = [n for n in everybody if counts[n] >= least or n == RANVIER]
        if len(group) > 1 and len(found.common(group, regression)) > shared:
            chosen.append(group)
    return [*chosen[-1:], everybody]


def _of_kind(found: Tables, regression: bool) -> list[str]:
    parts = []
    for group in groups(found, regression):
        tables = found.common(group, regression)
        if not tables:
            parts.append("No table has results of all contenders.")
            continue
        kinds = [task == "regression" for task in found.tasks.values()]
        count = f"{len(tables)} of {kinds.count(regression)} tables"
        who = "All contenders" if group == present(found) else "Those listed"
        parts.append(f"{who} have results on {count}:")
        parts.append(ranking(found, group, tables, regression))
    return parts


def few_rows(found: Tables) -> str:
    """Write the rankings of contenders trained on few rows."""
    parts, group = [FEW_ROWS], present(found)
    for title, regression in KINDS.items():
        if tables := found.common(group, regression):
            parts.append(f"{title}, {len(tables)} tables:")
            parts.append(ranking(found, group, tables, regression))
    return "\n\n".join(parts)


def unseen(found: Tables) -> str:
    """Write the rankings on tables that were not used to choose hyperparameters."""
    names = fill(", ".join(DEVELOPMENT) + ".", PAGE_WIDTH)
    parts = [f"{UNSEEN}\n{names}"]
    for title, regression in KINDS.items():
        group = groups(found, regression)[0]
        tables = found.common(group, regression)
        if others := [name for name in tables if name not in DEVELOPMENT]:
            parts.append(f"{title}, {len(others)} tables:")
            parts.append(ranking(found, group, others, regression))
    return "\n\n".join(parts)


def ranking(
    found: Tables, group: Sequence[str], tables: Sequence[str], regression: bool
) -> str:
    """Write the ranking on some tables, the best mean rank first."""
    errors = np.array([found.figures(name, tables, "error") for name in group])
    ranks = standing.mean_ranks(errors)
    rows = []
    for place in np.argsort(ranks, kind="stable"):
        name = group[place]
        row = [TITLES[name], figure(ranks[place])]
        row.append(f"{standing.shifted_mean(errors[place]):.4f}")
        row += [_mean(found, name, tables, score) for score in ("auc", "log_loss")]
        rows.append([*row, *_against_ranvier(found, name, tables)])
    if regression:
        return table(_without_scores(STANDING), map(_without_scores, rows))
    return table(STANDING, rows)


def _without_scores(row: Sequence[str]) -> list[str]:
    return [*row[:3], *row[5:]]


def _mean(found: Tables, name: str, tables: Sequence[str], score: str) -> str:
    mean = float(np.mean(found.figures(name, tables, score)))
    return f"{mean:.4f}" if np.isfinite(mean) else figure(None)


def _against_ranvier(found: Tables, name: str, tables: Sequence[str]) -> list[str]:
    if RANVIER not in found.reached:
        return [""] * 5
    if name == RANVIER:
        return [""] * 3 + ["1x"] * 2
    errors = [found.figures(who, tables, "error") for who in (RANVIER, name)]
    counts = [str(count) for count in standing.duels(*errors)]
    return counts + [
        times(
            standing.ratio_of_times(
                found.figures(name, tables, key), found.figures(RANVIER, tables, key)
            )
        )
        for key in ("fit_processor", "predict_processor")
    ]


def goals(found: Tables) -> str:
    """Write the goals for Ranvier and whether they are reached."""
    rows = []
    for title, regression in KINDS.items():
        group = present(found)
        tables = found.common(group, regression)
        if RANVIER not in group or not tables:
            continue
        errors = np.array([found.figures(name, tables, "error") for name in group])
        ranks = standing.mean_ranks(errors)
        means = np.array([standing.shifted_mean(row) for row in errors])
        for what, values in {"mean rank": ranks, "mean error": means}.items():
            own = values[group.index(RANVIER)]
            best = TITLES[group[int(values.argmin())]]
            met = "yes" if own == values.min() else "no"
            measured = f"{figure(own)}; best: {best}, {figure(values.min())}"
            rows.append([f"{title}: best {what}", measured, str(len(tables)), met])
    for name, most in {"realmlp-td": 1 / 5, "catboost": 3.0}.items():
        rows += _goal_of_time(found, name, most)
    return table(["goal", "measured", "tables", "reached"], rows)


def _goal_of_time(found: Tables, name: str, most: float) -> list[list[str]]:
    pair = [RANVIER, name]
    tables = [t for kind in KINDS.values() for t in found.common(pair, kind)]
    if not tables:
        return []
    times_of = [found.figures(who, tables, "fit_processor") for who in pair]
    ratio = standing.ratio_of_times(*times_of)
    wanted = f"fit at most {times(most)} of {TITLES[name]}'s"
    met = "yes" if ratio <= most else "no"
    return [[wanted, times(ratio), str(len(tables)), met]]


def _lost(found: Tables) -> str:
    others = [name for name in present(found) if name != RANVIER]
    lost = standing.losses(found, RANVIER, others)[:SHOWN_LOSSES]
    if not lost:
        return "None."
    rows = [
        [
            loss.table,
            f"{loss.own:.4f}",
            f"{loss.error:.4f}",
            TITLES[loss.best],
            times(loss.ratio),
            REASONS.get(loss.table, "not investigated yet"),
        ]
        for loss in lost
    ]
    head = ["table", "Ranvier", "best", "contender", "ratio, shifted", "reason"]
    return table(head, rows)


def _missing(found: Tables) -> str:
    lines = []
    for name in (contender.name for contender in CONTENDERS):
        reached = len(found.reached.get(name, {}))
        bad = dict(found.outcomes.get(name, ()))
        if reached + len(bad) < len(found.tasks) or bad:
            notes = [f"{table} ({what})" for table, what in bad.items()]
            rest = len(found.tasks) - reached - len(bad)
            notes += [f"{rest} tables not run"] if rest else []
            lines.append(f"- {TITLES[name]}: {', '.join(notes)}")
    return "\n".join(lines) or "None: all contenders have results on all tables."


def versions(results: Mapping[Key, Result]) -> str:
    """Write the package versions of the results."""
    seen = {
        f"{package} {version}"
        for result in results.values()
        for package, version in result.get("versions", {}).items()
        if version is not None
    }
    commits = {result["commit"] for result in results.values() if "commit" in result}
    own = f" Ranvier at commit {', '.join(sorted(commits))}." if commits else ""
    return fill(", ".join(sorted(seen, key=str.casefold)) + "." + own, PAGE_WIDTH)
