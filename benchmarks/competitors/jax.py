"""JAX: a whole epoch as one jitted scan over its batches."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.competitors import AfterEpoch
from benchmarks.problems import Problem, Weights
from benchmarks.workloads import LEARNING_RATE, Workload

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
ACTIVATIONS = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "gelu": partial(jax.nn.gelu, approximate=False),
}


def forward(workload: Workload, theta: Any, X: Any, key: Any) -> Any:
    """Compute Z of the last layer; dropout where there is any."""
    *hidden, (W, b) = theta
    A, f, rate = X, ACTIVATIONS[workload.activation], workload.dropout
    for layer, (W_of, b_of) in enumerate(hidden):
        A = f(A @ W_of + b_of)
        if rate:
            of_layer = jax.random.fold_in(key, layer)
            kept = jax.random.bernoulli(of_layer, 1 - rate, A.shape)
            A = jnp.where(kept, A / (1 - rate), 0)
    return A @ W + b


def loss_of(workload: Workload, theta: Any, X: Any, Y: Any, key: Any) -> Any:
    """Compute the mean loss of a batch."""
    Z = forward(workload, theta, X, key)
    if workload.loss == "squared_error":
        return jnp.mean((Z - Y) ** 2)
    if workload.loss == "absolute_error":
        return jnp.mean(jnp.abs(Z - Y))
    logarithms = jax.nn.log_softmax(Z)
    return -jnp.mean(jnp.take_along_axis(logarithms, Y[:, None], axis=1))


def adam(decay: float, theta: Any, m: Any, v: Any, d: Any, t: Any) -> tuple[Any, ...]:
    """Return theta, m and v after step t; biases, which are vectors, do not decay."""
    m = jax.tree.map(lambda m, d: BETA1 * m + (1 - BETA1) * d, m, d)
    v = jax.tree.map(lambda v, d: BETA2 * v + (1 - BETA2) * d * d, v, d)
    of_m, of_v = 1 / (1 - BETA1**t), 1 / (1 - BETA2**t)

    def moved(w: Any, m: Any, v: Any) -> Any:
        step = (m * of_m) / (jnp.sqrt(v * of_v) + EPSILON)
        return w - LEARNING_RATE * (step + (decay * w if w.ndim == 2 else 0))

    return jax.tree.map(moved, theta, m, v), m, v


def step(workload: Workload, state: Any, batch: Any) -> tuple[Any, Any]:
    """Take one step on a batch (X, Y)."""
    theta, m, v, t, key = state
    key, now = jax.random.split(key) if workload.dropout else (key, key)
    loss, d = jax.value_and_grad(partial(loss_of, workload))(theta, *batch, now)
    t = t + 1
    theta, m, v = adam(workload.weight_decay, theta, m, v, d, t)
    return (theta, m, v, t, key), loss


def epoch(workload: Workload, state: Any, X: Any, Y: Any, order_key: Any) -> Any:
    """Go once through the rows: a scan over full batches, and the rows left over."""
    if workload.shuffle:
        order = jax.random.permutation(order_key, len(X))
        X, Y = X[order], Y[order]
    size = workload.batch
    whole = len(X) // size * size
    full = tuple(Q[:whole].reshape(-1, size, *Q.shape[1:]) for Q in (X, Y))
    state, _ = jax.lax.scan(partial(step, workload), state, full)
    if whole < len(X):
        state, _ = step(workload, state, (X[whole:], Y[whole:]))
    return state


class Trainer:
    """The compiled epoch, called once for each; the first call compiles."""

    difference = ""

    def __init__(self, workload: Workload, problem: Problem, threads: int) -> None:
        jax.config.update("jax_enable_x64", workload.dtype == "float64")
        self.start, self.seed = problem.start, workload.seed
        self.X, self.Y = jnp.asarray(problem.X), jnp.asarray(problem.Y)
        self.epoch = jax.jit(partial(epoch, workload), donate_argnums=0)
        self.theta: Any = None

    def train(self, epochs: int, after_epoch: AfterEpoch | None = None) -> None:
        """Train from the first weights."""
        theta = [(jnp.array(W), jnp.array(b)) for W, b in self.start]
        m, v = (jax.tree.map(jnp.zeros_like, theta) for _ in range(2))
        t = jnp.zeros((), theta[0][0].dtype)
        # The generator that is fast on a processor; the usual one takes longer.
        key = jax.random.key(self.seed, impl="unsafe_rbg")
        state = (theta, m, v, t, key)
        for number in range(epochs):
            order = jax.random.fold_in(jax.random.key(self.seed), number)
            state = self.epoch(state, self.X, self.Y, order)
            if after_epoch is not None:
                # Otherwise work would continue while the clock of `quality` is stopped.
                self.theta = jax.block_until_ready(state)[0]
                if after_epoch():
                    break
        self.theta = jax.block_until_ready(state)[0]

    def weights(self) -> Weights:
        """Return the weights that were reached."""
        return [(np.asarray(W), np.asarray(b)) for W, b in self.theta]
