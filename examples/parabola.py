"""A network learns a parabola from noisy points: the learning curve and the fit.

1000 points of y = x^2 + 3 plus normal noise of standard deviation 5, x uniform in
[-15, 15], unscaled; a network 1-100-10-6-1 with ReLU; mean absolute error; Adam with
learning rate 2e-4; 10,000 epochs of one full batch each.

    python examples/parabola.py [--epochs 10000] [--seed 0] [--out parabola.png]

The noise alone has a mean absolute deviation of 5 sqrt(2/pi) = 3.99. No network can be
below that on new points, and one that comes close has learned the parabola.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np

import ranvier as rv

try:
    import matplotlib as mpl
except ImportError:
    raise SystemExit(
        "parabola.py draws with matplotlib, which is not installed: "
        "run pip install matplotlib"
    ) from None

POINTS = 1000
NOISE = 5.0
NOISE_FLOOR = NOISE * math.sqrt(2 / math.pi)


def points(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """X (1000, 1) uniform in [-15, 15], y (1000, 1) = x^2 + 3 + noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-15, 15, size=(POINTS, 1)).astype(np.float32)
    y = X**2 + 3 + rng.normal(0, NOISE, size=X.shape)
    return X, y.astype(np.float32)


def draw(
    X: np.ndarray, y: np.ndarray, net: rv.Network, history: rv.History, out: Path
) -> None:
    """Draw the learning curve beside the points, the fit and the true parabola."""
    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, (curve, fit) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    curve.plot([record.epoch for record in history], history.losses, label="training")
    curve.axhline(NOISE_FLOOR, color="grey", linestyle=":", label="noise floor")
    curve.set(xlabel="epoch", ylabel="mean absolute error", xscale="log", yscale="log")
    ticks = [4, 6, 10, 20, 40, 80]
    curve.set_yticks(ticks, labels=map(str, ticks))
    curve.set_yticks([], minor=True)
    curve.legend()
    grid = np.linspace(-15, 15, 301, dtype=np.float32).reshape(-1, 1)
    fit.plot(X, y, ".", color="lightgrey", markersize=3, label="points")
    fit.plot(grid, grid**2 + 3, color="grey", linestyle=":", label="x² + 3")
    fit.plot(grid, net(grid), color="C0", label="network")
    fit.set(xlabel="x", ylabel="y")
    fit.legend()
    figure.savefig(out, dpi=120)
    plt.close(figure)


def main() -> None:
    """Train, draw, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("parabola.png"))
    options = parser.parse_args()

    X, y = points(options.seed)
    net = rv.Network.mlp(1, [100, 10, 6], 1, activation="relu", seed=options.seed)
    start = time.perf_counter()
    history = rv.train(
        net,
        X,
        y,
        loss="absolute_error",
        optimizer=rv.Adam(lr=2e-4),
        epochs=options.epochs,
        batch_size=POINTS,
        seed=options.seed,
    )
    seconds = time.perf_counter() - start
    draw(X, y, net, history, options.out)
    gap = float(np.abs(net(X) - (X**2 + 3)).mean())
    print(f"epochs                         {len(history)}")
    print(f"seconds                        {seconds:.1f}")
    print(f"final loss                     {history[-1].loss:.3f}")
    print(f"noise floor, 5 sqrt(2/pi)      {NOISE_FLOOR:.3f}")
    print(f"mean distance to x^2 + 3       {gap:.3f}")
    print(f"drawing                        {options.out}")


if __name__ == "__main__":
    main()
