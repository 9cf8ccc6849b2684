"""A step of training: Ranvier and its peers, each in its best form, interleaved."""

from dataclasses import dataclass, field
from functools import partial
from math import nan
from statistics import median

from benchmarks import workloads
from benchmarks.competitors import (
    MATMUL,
    RANVIER,
    Competitor,
    UnsupportedError,
    matmul,
)
from benchmarks.contestants import Contestant, Stage, say, stage
from benchmarks.options import Options
from benchmarks.report import (
    Section,
    bullets,
    figure,
    mean_ratio,
    percent,
    table,
    times,
    written,
)
from benchmarks.timing import Timed, interleaved, paced
from benchmarks.workloads import Workload

# A check of the loss takes at least so many steps.
CHECKED_STEPS = 50
# Allowed difference of two losses relative to the decrease from the first loss:
# rounding, and other masks of dropout.
TOLERANCE = 0.02
TOLERANCE_DROPOUT = 0.1


@dataclass
class Result:
    """What was measured of a workload; seconds a step, by competitor."""

    workload: Workload
    peak: float = nan  # operations a second
    seconds: dict[str, float] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Operations a second of Ranvier."""
        return self.workload.step_flops / self.seconds[RANVIER.name]

    def ratio(self, peer: str) -> float:
        """Compute how many times longer a peer takes than Ranvier."""
        return self.seconds[peer] / self.seconds[RANVIER.name]


@dataclass(frozen=True)
class Form:
    """A form of a competitor, checked: seconds of an epoch, and of the first."""

    contestant: Contestant
    timed: Timed
    seconds: float
    first: float


def section(chosen: Options) -> Section:
    """Measure the workloads, or those chosen, and write the table."""
    these = chosen.workloads or workloads.NUMBERED + workloads.FURTHER
    names = [peer.name for peer in chosen.peers]
    results: list[Result] = []

    def report() -> str:
        parts = head(chosen), main_table(results, names), notes(results)
        return written("Training", *parts)

    with stage() as theirs:
        for workload in these:
            results.append(measured(workload, chosen, theirs))
            say("    " + " | ".join(row(results[-1], names)))
            chosen.keep(report())  # it takes long, and nothing measured is to be lost
    return Section(report(), reached(results))


# ---------------------------------------------------------------- measuring


def measured(workload: Workload, chosen: Options, theirs: Stage) -> Result:
    """Check what each competitor reaches, then time the best form of each."""
    say(f"training {workload.name}: {workload}")
    result, timed = Result(workload), {}
    for competitor in (RANVIER, *chosen.peers):
        forms = checked_forms(competitor, result, chosen, theirs)
        if forms:
            best = min(forms, key=lambda form: form.seconds)
            timed[competitor.name] = best.timed
            result.remarks[competitor.name] = remark(best)
        elif competitor is RANVIER:
            raise RuntimeError(
                f"nothing to compare with: {result.remarks[RANVIER.name]}"
            )
    product = theirs.call(MATMUL, "", chosen.threads)
    product.ask("set_up", workload)
    timed[MATMUL.name] = paced(partial(product.ask, "train"), chosen.seconds)
    seconds = interleaved(timed, chosen.rounds)
    # The best product of all rounds: a peak that was disturbed would flatter.
    result.peak = matmul.FLOPS / min(seconds.pop(MATMUL.name))
    for name, several in seconds.items():
        result.seconds[name] = median(several) / workload.steps
    return result


def checked_forms(
    competitor: Competitor, result: Result, chosen: Options, theirs: Stage
) -> list[Form]:
    """Return the forms of a competitor that learn what they should, timed once."""
    forms = []
    for contestant in theirs.forms(competitor, chosen.threads_of(competitor)):
        try:
            first = contestant.ask("set_up", result.workload)
            offence = check(contestant, result)
        except (UnsupportedError, RuntimeError) as lack:
            offence = str(lack)
        if offence:
            result.remarks[competitor.name] = offence
            continue
        timed = paced(partial(contestant.ask, "train"), chosen.seconds)
        forms.append(Form(contestant, timed, min(timed(), timed()), first))
        microseconds = forms[-1].seconds / result.workload.steps * 1e6
        say(f"    {contestant}: {microseconds:,.1f} us")
    return forms


def check(contestant: Contestant, result: Result) -> str:
    """Train, and hold the loss against Ranvier's; tell what is wrong, or nothing."""
    workload = result.workload
    contestant.ask("train", -(-CHECKED_STEPS // workload.steps))
    loss = result.losses[contestant.competitor.name] = contestant.ask("loss")
    if contestant.competitor is RANVIER:
        start = result.losses["start"] = contestant.ask("first_loss")
        return "" if loss < start else f"it learns nothing: {start:.5g} to {loss:.5g}"
    if contestant.ask("difference"):
        return ""  # another task: its loss is shown, and is no witness
    ours, start = result.losses[RANVIER.name], result.losses["start"]
    tolerance = TOLERANCE_DROPOUT if workload.dropout else TOLERANCE
    if abs(loss - ours) <= tolerance * abs(start - ours):
        return ""
    return f"not timed: it reached the loss {loss:.5g}, and Ranvier {ours:.5g}"


# ---------------------------------------------------------------- the table


def head(chosen: Options) -> str:
    """Say what the columns are."""
    return (
        f"Microseconds a step; median of {chosen.rounds} interleaved rounds, at most "
        f"{chosen.threads} threads. In brackets how many times longer than Ranvier. "
        "Share: of the rate of NumPy's 2048^3 product in the same rounds and threads. "
        "The first epoch is that of the form timed, compiling included."
    )


def main_table(results: list[Result], names: list[str]) -> str:
    """Write a row for each workload, and the geometric means over W1 to W9."""
    rows = [row(result, names) for result in results]
    numbered = {workload.name for workload in workloads.NUMBERED}
    counted = [result for result in results if result.workload.name in numbered]
    if len(counted) > 1:
        cells = [counted[0].workload.name + " ... " + counted[-1].workload.name]
        cells += ["geometric mean", "", "", ""]
        for name in names:
            ratios = [one.ratio(name) for one in counted if name in one.seconds]
            cells.append(f"({times(mean_ratio(ratios))})")
        rows.append([*cells, ""])
    columns = [
        "workload",
        "layers",
        "Ranvier",
        "GFLOP/s",
        "of peak",
        *names,
        "best peer",
    ]
    return table(columns, rows)


def row(result: Result, names: list[str]) -> list[str]:
    """Write the cells of a workload; the last is the best peer's ratio."""
    ours = result.seconds[RANVIER.name]
    cells = [result.workload.name, result.workload.shape, figure(ours * 1e6)]
    cells += [figure(result.rate / 1e9), percent(result.rate / result.peak)]
    timed = [name for name in names if name in result.seconds]
    for name in names:
        if name in timed:
            theirs = figure(result.seconds[name] * 1e6)
            cells.append(f"{theirs} ({times(result.ratio(name))})")
        else:
            cells.append(figure(None))
    best = min((result.ratio(name) for name in timed), default=nan)
    return [*cells, times(best)]


def reached(results: list[Result]) -> dict[str, float]:
    """Return the figures of the goals: rates, the worst ratio, and the three means."""
    figures = {f"rate {r.workload.name}": 100 * r.rate / r.peak for r in results}
    ratios = [{name: one.ratio(name) for name in one.seconds} for one in results]
    bests = [min(rest) for one in ratios if (rest := _without_ranvier(one).values())]
    if bests:
        figures["best peer"] = min(bests)
    numbered = {workload.name for workload in workloads.NUMBERED}
    counted = [
        ratio
        for one, ratio in zip(results, ratios, strict=True)
        if one.workload.name in numbered
    ]
    if len(counted) < len(numbered):
        return figures  # means over fewer would not be those asked for
    for ratio in counted:  # the best of two forms of PyTorch
        both = [ratio[name] for name in ("PyTorch", "torch.compile") if name in ratio]
        ratio.update({"PyTorch": min(both)} if both else {})
    for name in ("scikit-learn", "PyTorch", "JAX"):
        if any(name in ratio for ratio in counted):
            figures[name] = mean_ratio(r[name] for r in counted if name in r)
    return figures


def _without_ranvier(ratios: dict[str, float]) -> dict[str, float]:
    return {name: ratio for name, ratio in ratios.items() if name != RANVIER.name}


def remark(form: Form) -> str:
    """Say which form was timed, what its first epoch took, and what it leaves out."""
    difference = form.contestant.ask("difference")
    first = f"first epoch {form.first:.2f} s"
    return "; ".join(filter(None, [str(form.contestant), first, difference]))


def notes(results: list[Result]) -> str:
    """Say of each workload what it is, what was reached, and which form was timed."""
    lines = []
    for result in results:
        losses = ", ".join(f"{name} {loss:.4g}" for name, loss in result.losses.items())
        lines.append(
            f"{result.workload.name}: {result.workload}; the product reaches "
            f"{result.peak / 1e9:.0f} GFLOP/s. Losses: {losses}."
        )
        lines += [f"  - {name}: {text}." for name, text in result.remarks.items()]
    return bullets(lines)
