"""The public surface: what `dir`, completion and a star import show, and no more."""

import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import getattr_static, getdoc, isclass, isfunction, signature
from types import ModuleType
from typing import Any

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


def test_a_lazy_name_is_the_same_when_its_module_came_first() -> None:
    """A submodule never takes the place of the public name, whichever is first."""
    program = (
        "import ranvier, sys\n"
        "from importlib import import_module\n"
        "modules = {n: import_module(m) for n, m in ranvier._LAZY.items()}\n"
        "for name, module in modules.items():\n"
        "    here = getattr(ranvier, name)\n"
        "    assert here is getattr(module, name, module), name\n"
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


# ---------------------------------------------------------------- docstrings

# Called by the engine, by training or by exporters, not by a user.
HOOKS = {
    *("count", "engine_spec", "flops", "names", "shapes", "start"),
    *("close", "log", "on_epoch_end", "on_train_begin", "on_train_end", "open"),
    *("hidden_activations", "of_embedding"),
    *("onnx_converter", "onnx_shape_calculator"),
}
# Their examples would need PyTorch, or a folder of a run.
WITHOUT_EXAMPLE = {"Network.to_torch", "Run.network", "from_torch"}


def documented() -> Iterator[tuple[str, Any]]:
    """Yield every public function, class and method, by its name."""
    for name in rv.__all__:
        value = getattr(rv, name)
        several = isinstance(value, ModuleType)
        inside = {f"{name}.{own}": own for own in value.__all__} if several else {}
        found = {full: getattr(value, own) for full, own in inside.items()}
        for full, thing in (found or {name: value}).items():
            if isclass(thing) or isfunction(thing):
                yield full, thing
            for own in sorted(dir(thing)) if isclass(thing) else ():
                method = getattr_static(thing, own)
                method = getattr(method, "__func__", method)
                ours = isfunction(method) and method.__module__.startswith("ranvier.")
                if ours and not own.startswith("_") and own not in HOOKS:
                    yield f"{full}.{own}", method


def described(text: str) -> set[str]:
    """Return the names in the sections Parameters and Attributes of a docstring."""
    names: set[str] = set()
    section = r"(?:Parameters|Attributes)\n-+\n(.*?)(?=\n\n\w+\n---|\Z)"
    for lines in re.findall(section, text, re.DOTALL):
        heads = [line for line in lines.split("\n") if line and line[0] != " "]
        for head in heads:
            names |= {n.strip().lstrip("*") for n in head.split(" : ")[0].split(",")}
    return names


def lacking(name: str, thing: Any) -> list[str]:
    """Say what a docstring lacks: an example that runs, or a parameter."""
    text = getdoc(thing) or ""
    lacks = [] if ">>>" in text or name in WITHOUT_EXAMPLE else ["an example"]
    known = described(text) | {"self", "cls", "t", "message"}  # t: of schedules
    plain_error = isclass(thing) and "__init__" not in vars(thing)
    plain_error &= isclass(thing) and issubclass(thing, Exception)
    parameters = set() if plain_error else set(signature(thing).parameters)
    return lacks + [f"the parameter {p}" for p in sorted(parameters - known)]


def test_every_public_name_is_documented() -> None:
    """With its parameters and an example; the examples run in tests/test_docs.py."""
    lacks = {name: lacking(name, thing) for name, thing in documented()}
    assert len(lacks) > 140
    assert {name: what for name, what in lacks.items() if what} == {}


def test_lacking_can_fail() -> None:
    def bare(x: int) -> None:
        """Do it.

        Parameters
        ----------
        y, z : int
            Others.
        """

    assert lacking("bare", bare) == ["an example", "the parameter x"]
