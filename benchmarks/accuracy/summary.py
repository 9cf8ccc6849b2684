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
TITLES = {contender.name: contender.title for contender in CONTENDERS}
KINDS = {"Classification": False, "Regression": True}  # whether it is a regression

HEAD = """# Accuracy

How far the defaults of `rv.TabularClassifier` and `rv.TabularRegressor` err on real tables, beside other models
with theirs. This page is written by

```bash
python -m venv ../contenders
../contenders/bin/pip install '.[accuracy]'
.venv/bin/python -m benchmarks accuracy --python ../contenders/bin/python --write docs/accuracy.md
```

from `benchmarks/results/accuracy.jsonl`, where each trial has a line. What is in that file is not run again;
`--again ranvier` runs one contender again, and `--report` runs none. Ranvier's figures belong to the
commit named at the end of the page, not to the code beside it. For a table of your own:

```python
import pandas as pd
import ranvier as rv

table = pd.read_csv("examples/penguins.csv")
print(rv.compare(table, "species", models=["linear", "forest"], folds=3))
```"""

PROTOCOL = """61 tables of 308 to 150,000 rows. A quarter of the rows, at most 10,000, is the test part; of the others
at most 10,000 are trained on. Tables below 1,600 rows are split three times, and their figures are means. Rows of
each class are shared out evenly, and every contender sees the same rows. Nothing is tuned: each has its defaults,
two threads, and a process of its own.

- The *error* is the share of wrong classes, or the root mean squared error over the standard deviation of the test
  targets. The *mean error* is the shifted geometric mean: exp of the mean of log(error + 0.01).
- *Time* is processor time, which other work on the machine disturbs less than the clock; 2.0x is twice Ranvier's,
  as a geometric mean over the tables.
- The linear model, the SVM and scikit-learn's MLP see medians for missing numbers, standardised numbers and one-hot
  categories, fitted on the training rows. For the SVM and the MLP numbers to predict are standardised, too. The
  forest sees the places of categories; the boosted trees see categories as categories.
- RealMLP-TD and TabM-D are pytabkit's, each with one validation part of a fifth. They take no missing numbers, so
  they see medians and a column for each that marks them.
- All was run on one machine, with little beside, but for RealMLP-TD on chicago_ridership, coil2000, communities, deliveries,
  gss_happiness, india_stunting, lending_rate, mnist, movielens100k, optdigits, otto, puma32h, satimage and spambase, beside
  which other work ran at the lowest priority.
- AUC is the mean over the classes, each against the rest. SVC has no probabilities, so no log-loss."""

UNSEEN = """What the networks for a table are made of was chosen by trying it on splits of some of these tables,
test part included, so that there the figures above flatter Ranvier. Here are the others alone. Chosen with:"""
FEW = stored.STORED.with_name("few_rows.jsonl")
FEW_ROWS = """The same, but of each of these tables 640 rows are trained on, so that TabM-D can be compared: its 20 fits here took
25 minutes, and in proportion to the rows those of the tables above would take ten hours. `--rows 640 --results
benchmarks/results/few_rows.jsonl` with `--tables` runs more of it."""
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
    """Write the whole report; `picture` is where its picture lies, seen from it.

    Raises
    ------
    ValueError
        No contender that is ranked has results, or as for `standing.gather`.
    """
    found = standing.gather(results)
    if not present(found):
        ranked = ", ".join(c.name for c in CONTENDERS)
        raise ValueError(
            "there is nobody to rank: no contender has results of all splits of a "
            f"table. Run some of {ranked}; others are reported by --presets"
        )
    parts = [HEAD, written("How it is measured", PROTOCOL).rstrip()]
    parts.append(written("What is wanted, and what is reached", goals(found)).rstrip())
    for title, regression in KINDS.items():
        parts.append(written(title, *_of_kind(found, regression)).rstrip())
    if told := stored.read(FEW):
        parts.append(written("With few rows", few_rows(standing.gather(told))).rstrip())
    apart = written("Tables that had no part in the recipe", unseen(found))
    parts.append(apart.rstrip())
    if picture is not None:
        sees = "How far each errs against the time of its fit, both as in the tables."
        parts.append(written("Error against time", f"![{sees}]({picture})").rstrip())
    parts.append(written("Where Ranvier loses most", _lost(found)).rstrip())
    worth = ablation.section(stored.read(ablation.STORED))
    parts.append(written("What each part is worth", worth).rstrip())
    parts.append(written("What is missing", _missing(found)).rstrip())
    parts.append(written("Versions", versions(results)).rstrip())
    return "\n\n".join(parts) + "\n"


def present(found: Tables) -> list[str]:
    """List the contenders that have a result, in their order."""
    return [c.name for c in CONTENDERS if c.name in found.reached]


def groups(found: Tables, regression: bool) -> list[list[str]]:
    """Choose who is compared with whom.

    All, on the tables that all have; and before that, where they share more tables, all
    but those that have fewer.
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
            parts.append("There is no table on which all have results.")
            continue
        kinds = [task == "regression" for task in found.tasks.values()]
        count = f"{len(tables)} of {kinds.count(regression)} tables"
        who = "all contenders" if group == present(found) else "those listed"
        parts.append(f"The {count} on which {who} have results:")
        parts.append(ranking(found, group, tables, regression))
    return parts


def few_rows(found: Tables) -> str:
    """Write who stands where when all learn from few rows."""
    parts, group = [FEW_ROWS], present(found)
    for title, regression in KINDS.items():
        if tables := found.common(group, regression):
            parts.append(f"{title}, {len(tables)} tables:")
            parts.append(ranking(found, group, tables, regression))
    return "\n\n".join(parts)


def unseen(found: Tables) -> str:
    """Write who stands where on the tables that had no part in choosing the recipe."""
    names = fill(", ".join(DEVELOPMENT) + ".", 110)
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
    """Write who stands where on some tables, the best mean rank first."""
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
    """Write what is wanted of Ranvier, and whether that is reached."""
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
            told = f"{figure(own)}; the best is {best}, {figure(values.min())}"
            rows.append([f"{title}: the best {what}", told, str(len(tables)), met])
    for name, most in {"realmlp-td": 1 / 5, "catboost": 3.0}.items():
        rows += _goal_of_time(found, name, most)
    return table(["wanted", "measured", "tables", "reached"], rows)


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
        return "Nowhere."
    rows = [
        [
            loss.table,
            f"{loss.own:.4f}",
            f"{loss.error:.4f}",
            TITLES[loss.best],
            times(loss.ratio),
            REASONS.get(loss.table, "not looked into yet"),
        ]
        for loss in lost
    ]
    head = ["table", "Ranvier's error", "the least", "of", "ratio, shifted", "why"]
    return table(head, rows)


def _missing(found: Tables) -> str:
    lines = []
    for name in (contender.name for contender in CONTENDERS):
        reached = len(found.reached.get(name, {}))
        bad = dict(found.outcomes.get(name, ()))
        if reached + len(bad) < len(found.tasks) or bad:
            told = [f"{table} ({what})" for table, what in bad.items()]
            rest = len(found.tasks) - reached - len(bad)
            told += [f"{rest} tables not run"] if rest else []
            lines.append(f"- {TITLES[name]}: {', '.join(told)}")
    return "\n".join(lines) or "Nothing: all have results on all tables."


def versions(results: Mapping[Key, Result]) -> str:
    """Write the versions that the results were reached with."""
    seen = {
        f"{package} {version}"
        for result in results.values()
        for package, version in result.get("versions", {}).items()
        if version is not None
    }
    commits = {result["commit"] for result in results.values() if "commit" in result}
    own = f" Ranvier at commit {', '.join(sorted(commits))}." if commits else ""
    return ", ".join(sorted(seen, key=str.casefold)) + "." + own
