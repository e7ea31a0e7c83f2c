"""Build the extension and put the library beside it; everything else is in pyproject.toml."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
LIBRARY_DIR = Path(os.environ.get("LMSTUDIO_LIBRARY_DIR") or REPOSITORY / ".build" / "lib")
ON_MACOS = sys.platform == "darwin"
LIBRARY = "liblmstudio.0.dylib" if ON_MACOS else "liblmstudio.so.0"
# Beside the library lie the licences of those whose work it contains.
PACKED = (LIBRARY, "LICENSES.txt")


def version() -> str:
    """The version number, from the one place where it is written."""
    header = (REPOSITORY / "include" / "lmstudio" / "version.h").read_text()
    found = re.search(r'^#define LMS_VERSION_STRING "([^"]+)"', header, re.MULTILINE)
    if found is None:
        raise SystemExit("include/lmstudio/version.h has no LMS_VERSION_STRING")
    return found[1]


class BuildWithLibrary(build_ext):
    """Builds the library first if it is missing, and packs it beside the extension."""

    def run(self) -> None:
        """Build."""
        if not (LIBRARY_DIR / LIBRARY).exists():
            if "LMSTUDIO_LIBRARY_DIR" in os.environ:
                raise SystemExit(f"there is no {LIBRARY} in LMSTUDIO_LIBRARY_DIR={LIBRARY_DIR}")
            self.announce(f"{LIBRARY_DIR / LIBRARY} is missing: running `make build`", level=3)
            subprocess.run(["make", "-C", str(REPOSITORY), "build"], check=True)
        super().run()
        for _, packed in self._library_copies():
            packed.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(LIBRARY_DIR / packed.name, packed, follow_symlinks=True)

    def build_extensions(self) -> None:
        """Compile, without the search paths that some Pythons link into every extension."""
        link = self.compiler.linker_so
        self.compiler.linker_so = [word for word in link if not word.startswith("-Wl,-rpath")]
        super().build_extensions()

    def get_outputs(self) -> list[str]:
        """The extension, the library and its licences."""
        return [*super().get_outputs(), *(str(built) for built, _ in self._library_copies())]

    def get_output_mapping(self) -> dict[str, str]:
        """For editable installs: where each output lies in the source tree."""
        mapping = super().get_output_mapping()
        if self.inplace:
            mapping |= {str(built): str(packed) for built, packed in self._library_copies()}
        return mapping

    def _library_copies(self) -> list[tuple[Path, Path]]:
        built = Path(self.build_lib) / "lmstudio"
        packed = HERE / "src" / "lmstudio" if self.inplace else built
        return [(built / name, packed / name) for name in PACKED]


setup(
    version=version(),
    cmdclass={"build_ext": BuildWithLibrary},
    ext_modules=[
        Extension(
            "lmstudio._core",
            sources=sorted(f"src/_core/{path.name}" for path in (HERE / "src/_core").glob("*.c")),
            depends=["src/_core/state.h"],
            include_dirs=[str(REPOSITORY / "include")],
            define_macros=[("Py_LIMITED_API", "0x030a0000")],
            py_limited_api=True,
            extra_compile_args=[
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fvisibility=hidden",
            ],
            library_dirs=[str(LIBRARY_DIR)],
            libraries=["lmstudio"],
            extra_link_args=[f"-Wl,-rpath,{'@loader_path' if ON_MACOS else '$ORIGIN'}"],
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
