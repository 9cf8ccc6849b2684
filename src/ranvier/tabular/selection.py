"""Which form of the target the members learn, and which inputs they see.

Both are decided by the errors of a few members on the rows they held out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network
from ranvier.splits import Split
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.members import Member, MemberSpec, train_members
from ranvier.tabular.outputs import NumberOutputs, OutOfFold, Outputs, error_of
from ranvier.tabular.tabm import train_tabm

Array = NDArray[Any]
Mask = NDArray[np.bool_]

# One of so many members tries every form of the target.
MEMBERS_PER_TRIAL = 4

# An encoding is left out if the error of its members is more than this fraction above
# that of the better one: with less between them, both together have a lower error.
CLEARLY_WORSE = 0.05

Record = Callable[[int], list[Member]]


def train_selected(
    specs: Sequence[MemberSpec],
    outputs: Sequence[Outputs],
    is_bin: Mask,
    folds: Sequence[Split],
    seed: int,
    context: FitContext,
    record: Record | None = None,
) -> tuple[list[Member], int]:
    """Train the members on the form of the target with the lowest error.

    Parameters
    ----------
    specs, outputs
        The same rows, one for each form of the target; of one form, none is tried.
    is_bin, folds, seed, context
        As for `select_encoding`. The members of a form do not depend on whether others
        were tried.
    record
        Trains the first member of a form, given its index, where it is recorded; it
        returns an empty list if that diverged. Only what is kept is recorded, so where
        forms were tried that member is trained once more.

    Returns
    -------
    tuple
        The members, and the index of their form.
    """
    best, few, first = 0, 0, list[Member]()
    if len(specs) > 1:
        few = _trials(folds)
        best, first = select_target_transform(
            specs, outputs, folds[:few], seed, context
        )
    if record is not None and not context.stopping.is_set():
        others = [member for member in first if member.network.seed != seed]
        first, few = [*record(best), *others], max(few, 1)
    members = select_encoding(specs[best], is_bin, folds, seed, context, first, few)
    return members, best


def select_target_transform(
    specs: Sequence[MemberSpec],
    outputs: Sequence[Outputs],
    folds: Sequence[Split],
    seed: int,
    context: FitContext,
) -> tuple[int, list[Member]]:
    """Train a member for each fold on every form of the target.

    Returns
    -------
    tuple
        The index of the form with the least error on held-out rows, and its members.
    """
    seeds = [seed + k for k in range(len(folds))]
    trained = [
        train_members([spec] * len(folds), folds, seeds, context) for spec in specs
    ]
    plain = outputs[0]
    assert isinstance(plain, NumberOutputs)  # classes have one form only
    spread = plain.transform.scale
    errors = [
        error_of(form, OutOfFold.of(members, spec.data), spread) if members else np.inf
        for form, members, spec in zip(outputs, trained, specs, strict=True)
    ]
    best = int(np.argmin(errors))
    return best, trained[best]


def count_networks(forms: int, folds: Sequence[Split], selection_folds: int) -> int:
    """Count the networks that `train_selected` trains."""
    return len(folds) + selection_folds + (forms - 1) * _trials(folds)


def _trials(folds: Sequence[Split]) -> int:
    return max(1, len(folds) // MEMBERS_PER_TRIAL)


def select_encoding(
    spec: MemberSpec,
    is_bin: Mask,
    folds: Sequence[Split],
    seed: int,
    context: FitContext,
    trained: Sequence[Member] = (),
    done: int | None = None,
) -> list[Member]:
    """Train members that see all inputs, or all but the bins, as suits the table.

    Bins between quantiles let a network follow steps and corners of the target, as
    trees do; where the target is smooth, a network without them has a lower error,
    often by far. On the first folds, as many as the hyperparameters say, members with
    and without bins are trained. Those of an encoding that is clearly worse are left
    out, and on the other folds none of it is trained.

    Parameters
    ----------
    spec
        Of all inputs.
    is_bin
        (inputs,) which of them say how far a number is through a bin.
    folds
        One for each member, not counting those without bins that are tried.
    seed
        Keys the members: seed + k that of the k-th fold, and after all of those the
        ones without bins.
    context
        The context of the fit.
    trained
        Members of all inputs on the first folds, keyed so, that are there already.
    done
        How many folds those are, some of whose members may have diverged; None: none
        of theirs did.

    Returns
    -------
    list of Member
        Their networks take all inputs; weights from those they did not see are 0.
    """
    if spec.hyperparameters.batch_ensemble_size:
        return train_tabm(spec, folds[0], seed, context)
    count, tried = len(folds), spec.hyperparameters.selection_folds
    done = len(trained) if done is None else done

    def train(pairs: Sequence[tuple[int, int]]) -> list[Member]:
        """Train the pairs of an encoding and a fold."""
        return train_members(
            [specs[encoding] for encoding, _ in pairs],
            [folds[k] for _, k in pairs],
            [seed + encoding * count + k for encoding, k in pairs],
            context,
        )

    if not tried:
        specs = [spec]
        return [*trained, *train([(0, k) for k in range(done, count)])]
    specs = [spec, without(spec, is_bin)]
    pairs = [(one, k) for k in range(tried) for one in (0, 1) if one or k >= done]
    members = [*trained, *train(pairs)]
    encodings = [0] * done + [encoding for encoding, _ in pairs]
    kept = [0, 1]
    if len(members) == len(encodings):  # else some diverged, or were cut short
        kept = better([member.score for member in members], encodings)
        members = [m for m, e in zip(members, encodings, strict=True) if e in kept]
    members += train([(kept[k % len(kept)], k) for k in range(tried, count)])
    return [expanded(member, spec, is_bin) for member in members]


def better(scores: Sequence[float], encodings: Sequence[int]) -> list[int]:
    """Choose encodings, 0 and 1, by how far off their members were."""
    errors = np.array(scores)
    means = np.array([errors[np.equal(encodings, one)].mean() for one in (0, 1)])
    least = means.min()
    return np.flatnonzero(means <= least + CLEARLY_WORSE * abs(least)).tolist()


def without(spec: MemberSpec, hidden: Mask) -> MemberSpec:
    """Return the spec of all inputs but some."""
    columns = [
        c for c, no in zip(spec.embedding.columns, hidden, strict=True) if not no
    ]
    X = np.ascontiguousarray(spec.data.X[:, ~hidden])
    return replace(
        spec,
        data=replace(spec.data, X=X),
        embedding=Embedding(columns, scale=spec.embedding.scaled),
    )


def expanded(member: Member, spec: MemberSpec, hidden: Mask) -> Member:
    """Return a member whose network takes all inputs; some may not count."""
    net = member.network
    if net.inputs == len(hidden):
        return member
    whole = spec.network(net.seed or 0)
    expand_inputs(net, whole, hidden)
    outputs = np.asarray(whole(spec.data.X[member.held_out]))
    return replace(member, network=whole, outputs=outputs)


def expand_inputs(net: Network, whole: Network, hidden: Mask) -> None:
    """Write a network's parameters into one of more inputs, which then predicts alike.

    The weights from the inputs that `net` did not see become 0.
    """
    embedding = whole.layers[0]
    assert isinstance(embedding, EmbeddingLayer)
    seen = ~np.repeat(hidden, [column.outputs for column in embedding.columns])
    own = [k for k, no in enumerate(hidden) if not no]
    for narrow, layer in zip(net.layers, whole.layers, strict=True):
        if isinstance(narrow, EmbeddingLayer):
            for k, values in zip(own, narrow.values, strict=True):
                for name, value in values.items():
                    embedding.values[k][name][...] = value
            if embedding.scale is not None:
                embedding.scale[seen] = narrow.scale
        elif isinstance(narrow, DenseLayer) and isinstance(layer, DenseLayer):
            first = layer.W.shape != narrow.W.shape
            layer.W[...] = 0
            layer.W[seen if first else slice(None)] = narrow.W
            layer.b[...] = narrow.b
            if narrow.alpha is not None and layer.alpha is not None:
                layer.alpha[...] = narrow.alpha
