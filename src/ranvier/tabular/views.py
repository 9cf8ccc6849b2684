"""What members see of a table: all of it, or numbers without their places.

Places among quantiles let a network follow steps and corners of the target, as trees
do; where the target is smooth, a network without them errs less, often by far. Which it
is of a table, rows held out tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import DenseLayer
from ranvier.network.network import Network
from ranvier.splits import Split
from ranvier.tabular.members import Lesson, Member, train_members
from ranvier.tabular.sharing import train_shared
from ranvier.tabular.supervision import Supervision

Mask = NDArray[np.bool_]

# A view whose members err more than the better one's by more than this share is left
# out: with less between them, members of both together err less than those of one.
WORSE = 0.05


def train_views(
    lesson: Lesson,
    places: Mask,
    folds: Sequence[Split],
    seed: int,
    under: Supervision,
    trained: Sequence[Member] = (),
    done: int | None = None,
) -> list[Member]:
    """Train members that see all inputs, or all but the places, as suits the table.

    On the first folds, as many as the recipe tries, members of both views are trained.
    The members of a view that is clearly worse are left out, and on the other folds
    none is trained.

    Parameters
    ----------
    lesson
        Of all inputs.
    places
        (inputs,) which of them tell the place of a number.
    folds
        One for each member, not counting the second view of those tried.
    seed
        Keys the members: seed + k that of the k-th fold, and after all of those the
        ones without places.
    under
        Who looks after the training.
    trained
        Members of all inputs on the first folds, keyed so, that are there already.
    done
        How many folds those are, some of whose members may have failed; None: all of
        theirs are there.

    Returns
    -------
    list of Member
        Their networks take all inputs; weights from those they did not see are 0.
    """
    if lesson.recipe.shared:
        return train_shared(lesson, folds[0], seed, under)
    count, tried = len(folds), lesson.recipe.tried
    done = len(trained) if done is None else done

    def train(pairs: Sequence[tuple[int, int]]) -> list[Member]:
        """Train the pairs of a view and a fold."""
        return train_members(
            [lessons[view] for view, _ in pairs],
            [folds[k] for _, k in pairs],
            [seed + view * count + k for view, k in pairs],
            under,
        )

    if not tried:
        lessons = [lesson]
        return [*trained, *train([(0, k) for k in range(done, count)])]
    lessons = [lesson, without(lesson, places)]
    pairs = [(view, k) for k in range(tried) for view in (0, 1) if view or k >= done]
    members = [*trained, *train(pairs)]
    views = [0] * done + [view for view, _ in pairs]
    kept = [0, 1]
    if len(members) == len(views):  # else some failed, or were cut short
        kept = better([member.score for member in members], views)
        members = [m for m, view in zip(members, views, strict=True) if view in kept]
    members += train([(kept[k % len(kept)], k) for k in range(tried, count)])
    return [completed(member, lesson, places) for member in members]


def better(scores: Sequence[float], views: Sequence[int]) -> list[int]:
    """Choose views by how far off their members were."""
    errors = np.array(scores)
    means = np.array([errors[np.equal(views, view)].mean() for view in (0, 1)])
    least = means.min()
    return np.flatnonzero(means <= least + WORSE * abs(least)).tolist()


def without(lesson: Lesson, unseen: Mask) -> Lesson:
    """Give the lesson of all inputs but some."""
    columns = [
        c for c, no in zip(lesson.embedding.columns, unseen, strict=True) if not no
    ]
    X = np.ascontiguousarray(lesson.data.X[:, ~unseen])
    return replace(
        lesson,
        data=replace(lesson.data, X=X),
        embedding=Embedding(columns, scale=lesson.embedding.scaled),
    )


def completed(member: Member, lesson: Lesson, unseen: Mask) -> Member:
    """Give a member whose network takes all inputs; some may not count."""
    net = member.network
    if net.inputs == len(unseen):
        return member
    whole = lesson.network(net.seed or 0)
    widen(net, whole, unseen)
    outputs = np.asarray(whole(lesson.data.X[member.held_out]))
    return replace(member, network=whole, outputs=outputs)


def widen(net: Network, whole: Network, unseen: Mask) -> None:
    """Write a network's parameters into one of more inputs, which then says the same.

    The weights from the inputs that `net` did not see become 0.
    """
    embedding = whole.layers[0]
    assert isinstance(embedding, EmbeddingLayer)
    seen = ~np.repeat(unseen, [column.outputs for column in embedding.columns])
    own = [k for k, no in enumerate(unseen) if not no]
    for narrow, layer in zip(net.layers, whole.layers, strict=True):
        if isinstance(narrow, EmbeddingLayer):
            for place, values in zip(own, narrow.values, strict=True):
                for name, value in values.items():
                    embedding.values[place][name][...] = value
            if embedding.scale is not None:
                embedding.scale[seen] = narrow.scale
        elif isinstance(narrow, DenseLayer) and isinstance(layer, DenseLayer):
            first = layer.W.shape != narrow.W.shape
            layer.W[...] = 0
            layer.W[seen if first else slice(None)] = narrow.W
            layer.b[...] = narrow.b
            if narrow.alpha is not None and layer.alpha is not None:
                layer.alpha[...] = narrow.alpha
