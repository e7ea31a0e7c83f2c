"""The README's examples run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / ".build" / "lib"

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Readme",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "lmstudio-swift", path: "ROOT")],
    targets: [
        .executableTarget(
            name: "Readme",
            dependencies: [
                .product(name: "LMStudio", package: "lmstudio-swift"),
                .product(name: "LMStudioLlama", package: "lmstudio-swift"),
            ])
    ])
"""


def examples(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def example(language: str) -> str:
    (only,) = examples(language)
    return only


def output(*command: object, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_python() -> None:
    printed = output(sys.executable, "-c", examples("python")[0])
    assert "0%\n100%\n" in printed
    assert printed.rstrip().endswith(("maxPredictedTokensReached", "eosFound"))


def test_python_structured_output() -> None:
    (program,) = [each for each in examples("python") if "response_format" in each]
    # The model may name a person at any length; the example is run with a seed and a bound.
    program = program.replace('"string"', '"string", "maxLength": 30')
    assert output(sys.executable, "-c", program.replace("=schema", '=schema, config={"seed": 1}'))


def test_python_tools() -> None:
    (program,) = [each for each in examples("python") if "rawTools" in each]
    assert output(sys.executable, "-c", program).startswith("add {")


def test_c(tmp_path: Path) -> None:
    source = tmp_path / "example.c"
    source.write_text(example("c"), encoding="utf-8")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
    link = [f"-L{LIBRARY}", "-llmstudio", f"-Wl,-rpath,{LIBRARY}"]
    output("cc", *flags, source, *link, "-o", tmp_path / "example")
    assert output(tmp_path / "example")


def test_swift(tmp_path: Path) -> None:
    sources = tmp_path / "Sources" / "Readme"
    sources.mkdir(parents=True)
    (tmp_path / "Package.swift").write_text(MANIFEST.replace("ROOT", str(ROOT)), encoding="utf-8")
    (sources / "main.swift").write_text(example("swift"), encoding="utf-8")
    assert os.environ["PKG_CONFIG_PATH"]
    # The build is kept beside the project's own, so that it is quick the next time.
    # Shared with the Swift test of a package that takes the client only.
    scratch = ROOT / ".build" / "consumer"
    printed = output("swift", "run", "--scratch-path", scratch, "Readme", cwd=tmp_path)
    assert "maxPredictedTokensReached" in printed or "eosFound" in printed
