"""The public surface: what `dir`, completion and a star import show, and no more."""

import subprocess
import sys
from types import ModuleType

import pytest

import ranvier as rv

MODULES = {"columns", "logic", "schedules"}  # whose contents are public


def test_dir_and_star_import_show_the_same_list() -> None:
    names: dict[str, object] = {}
    exec("from ranvier import *", names)
    del names["__builtins__"]
    assert sorted(names) == sorted(rv.__all__) == dir(rv)
    assert len(set(rv.__all__)) == len(rv.__all__)


def test_internal_modules_are_out_of_sight() -> None:
    modules = {name for name in dir(rv) if isinstance(getattr(rv, name), ModuleType)}
    assert modules == MODULES


def test_every_lazy_name_is_public() -> None:
    assert rv._LAZY.keys() <= set(rv.__all__)


@pytest.mark.parametrize("name", sorted(rv._LAZY))
def test_a_lazy_name_is_the_same_when_its_module_came_first(name: str) -> None:
    """A submodule never takes the place of the public name, whichever is first."""
    module = rv._LAZY[name]
    program = (
        f"import {module}, sys, ranvier\n"
        f"here = getattr(ranvier, {name!r})\n"
        f"module = sys.modules[{module!r}]\n"
        f"assert here is getattr(module, {name!r}, module)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'huber'"):
        rv.huber  # noqa: B018


def test_makers_stand_with_their_table() -> None:
    assert rv.losses.huber(2.0) == rv.Loss("huber", 2.0)
    assert rv.losses.quantile(0.9) == rv.Loss("quantile", 0.9)
    assert rv.losses.cross_entropy(0.1) == rv.Loss("cross_entropy", 0.1)
    assert rv.activations.elu(0.5) == rv.Activation("elu", 0.5)
    assert rv.activations.leaky_relu(0.2) == rv.Activation("leaky_relu", 0.2)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_public_modules_show_only_what_is_public(name: str) -> None:
    module = getattr(rv, name)
    assert dir(module) == sorted(module.__all__)
    assert all(getattr(module, each).__doc__ for each in module.__all__)
