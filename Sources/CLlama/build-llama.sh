#!/usr/bin/env bash
# Builds llama.cpp, and libwebp's decoder beside it, once into the user's cache and prints the
# directory they are installed in.
#
#   usage: build-llama.sh          stdout: the install prefix, nothing else; all talk goes to stderr
#
# The prefix holds include/, lib/*.a, lib/pkgconfig/lmstudio-llama.pc, bin/llama-completion,
# bin/llama-bench and bin/llama-server (peers for tests and benchmarks), the licences, share/templates
# (chat templates of well-known models, for tests) and VERSION. It appears whole or not at all; a
# build that was stopped is taken up again by the next run.
#
#   LMSTUDIO_CACHE_DIR          cache root; default ${XDG_CACHE_HOME:-~/.cache}/lmstudio-swift
#   LMSTUDIO_LLAMA_CMAKE_ARGS   more CMake arguments, split at spaces: "-DGGML_CUDA=ON"; for a
#                               library that other machines will run: "-DGGML_NATIVE=OFF"
#   CC CXX CFLAGS CXXFLAGS      as CMake reads them
#   CMAKE_BUILD_PARALLEL_LEVEL  how many compilers at once; default: one or two more than cores
set -euo pipefail

# The one place where the version of llama.cpp is written. The sdist vendors a whole llama.cpp.
VERSION=0.3.36
SDIST="llama_cpp_python-$VERSION.tar.gz"
SDIST_SHA256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
SDIST_BYTES=76589250
# And that of libwebp, of which the index has no package of its own: this sdist vendors it.
WEBP_VERSION=0.4.7
WEBP_SDIST="stable_diffusion_cpp_python-$WEBP_VERSION.tar.gz"
WEBP_SHA256=998d1957260dd5ae4e18a8acc0c14b0a8757aaa9f96515197b6d5bbf46df9282
WEBP_BYTES=20561087
LAYOUT=4 # raise it when what is installed changes, so that finished caches are built anew
CMAKE_WHEEL=4.4.4 NINJA_WHEEL=1.13.2

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Static and position independent, because all of it goes into one shared library. No OpenMP: it
# showed no gain, and a Python process must not get a second one. No OpenSSL and no web pages for
# the server: llama.cpp itself never downloads here.
CMAKE_ARGS=(
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DGGML_OPENMP=OFF -DGGML_NATIVE=ON -DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TOOLS=ON
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=ON
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF
    -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_ALL_WARNINGS=OFF
)
# What is done differently from llama.cpp's own build, and what the first of these adds to it.
CHANGES=("$HERE"/{build-llama.cmake,build-jinja.cmake,VisibleCells.hpp,Q4_1.hpp,F16.hpp,Gelu.h})
EXTRA_ARGS=${LMSTUDIO_LLAMA_CMAKE_ARGS:-}
PEERS=(llama-completion llama-bench llama-server)
TARGETS=(llama llama-common mtmd webpdecoder "${PEERS[@]}")

PYTHON=${PYTHON:-python3}
CACHE=${LMSTUDIO_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lmstudio-swift}

exec 3>&1 4>&2 1>&2 # from here on only an explicit >&3 reaches the caller
say() { printf '%s\n' "llama.cpp $VERSION: $*" >&4; }
die() { say "$*"; exit 1; }

[ $# -eq 0 ] || die "takes no arguments; see the head of ${BASH_SOURCE[0]}"

# ---- the key: everything that changes the machine code ------------------------------------------

compiler() {
    local name
    for name in "${CXX:-}" c++ g++ clang++; do
        if [ -n "$name" ] && command -v "${name%% *}" >/dev/null; then
            $name --version # CXX may carry words ("ccache g++"), so it is split on purpose
            return
        fi
    done
    die "no C++ compiler found: install g++ or clang++ (macOS: xcode-select --install), or set CXX"
}

# Under GGML_NATIVE the code is made for this very processor. A home directory may be shared by
# machines that differ, so a prefix is never offered to another kind of processor.
processor() {
    if [ -r /proc/cpuinfo ]; then
        grep -m1 -E '^(flags|Features)' /proc/cpuinfo || true
    else
        sysctl -n machdep.cpu.brand_string 2>/dev/null || true
    fi
}

digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

COMPILER=$(compiler)
KEY=$({
    printf '%s\n' "$LAYOUT" "$VERSION" "$SDIST_SHA256" "$WEBP_SHA256" "${CMAKE_ARGS[@]}" "$EXTRA_ARGS" \
        "${CFLAGS:-}" "${CXXFLAGS:-}" "${CC:-}" "$COMPILER"
    cat "${CHANGES[@]}"
    uname -sm
    case "$EXTRA_ARGS" in *GGML_NATIVE=OFF*) ;; *) processor ;; esac
} | digest)
KEY=${KEY:0:12}
PREFIX="$CACHE/llama-$VERSION-$KEY"
WORK="$CACHE/work-$VERSION-$KEY"

finish() { printf '%s\n' "$PREFIX" >&3; exit 0; }
[ ! -d "$PREFIX" ] || finish

# ---- one build at a time ------------------------------------------------------------------------

# Bash answers a signal only when its foreground command has ended, so long commands run in the
# background. They keep descriptor 9, the lock: should this script be killed outright, the next one
# waits until the orphaned compiler has ended too. They lose 3, or a caller's $(...) would hang.
CHILD=
run() {
    "$@" 3>&- </dev/null &
    CHILD=$!
    local status=0
    wait "$CHILD" || status=$?
    CHILD=
    return "$status"
}
# shellcheck disable=SC2329 # called by the traps below
stopped() {
    trap '' TERM INT HUP
    if [ -n "$CHILD" ]; then
        kill -TERM "$CHILD" 2>/dev/null || true
        wait "$CHILD" 2>/dev/null || true
    fi
    say "stopped; the next run takes up the work where it was"
    exit "$1"
}
trap 'stopped 143' TERM
trap 'stopped 130' INT
trap 'stopped 129' HUP

command -v "$PYTHON" >/dev/null || die "needs Python 3.10 or later: install python3, or set PYTHON"
mkdir -p "$CACHE" || die "cannot write to $CACHE: set LMSTUDIO_CACHE_DIR to a directory that can be written"

# The lock belongs to the open file, which this shell and Python share, so it outlives Python. (Not
# flock(1): macOS has none.) It goes when the last process that has the file open ends.
exec 9>"$CACHE/build.lock"
lock() { run "$PYTHON" -c 'import fcntl, sys; fcntl.flock(9, fcntl.LOCK_EX | int(sys.argv[1]))' "$@" 2>/dev/null; }
LOCK_NB=4 # LOCK_NB of flock(2), the same number on Linux and macOS
if ! lock $LOCK_NB; then
    say "another build is running; waiting for it"
    lock 0 || die "cannot lock $CACHE/build.lock"
    [ ! -d "$PREFIX" ] || finish
fi

# ---- build tools --------------------------------------------------------------------------------

recent_cmake() {
    local words
    read -r -a words < <(cmake --version 2>/dev/null) || return 1
    [ "$(printf '%s\n' 3.21 "${words[2]}" | sort -V | head -n1)" = 3.21 ]
}

if recent_cmake && command -v ninja >/dev/null; then
    CMAKE=cmake NINJA=$(command -v ninja)
else
    TOOLS="$CACHE/tools-$CMAKE_WHEEL-$NINJA_WHEEL"
    if [ ! -d "$TOOLS" ]; then
        say "fetching cmake and ninja"
        rm -rf "$TOOLS".*
        PIP=$PYTHON
        if ! "$PIP" -m pip --version >/dev/null 2>&1; then # some systems split pip off, or venv
            run "$PYTHON" -m venv "$TOOLS.venv" >/dev/null ||
                die "needs cmake 3.21 or later and ninja; to fetch them, needs pip or venv for $PYTHON"
            PIP="$TOOLS.venv/bin/python"
        fi
        PIP_ROOT_USER_ACTION=ignore run "$PIP" -m pip install --quiet --disable-pip-version-check \
            --no-deps --only-binary :all: --target "$TOOLS.partial" \
            "cmake==$CMAKE_WHEEL" "ninja==$NINJA_WHEEL" ||
            die "could not fetch cmake and ninja: check the network, or install both, and rerun"
        rm -rf "$TOOLS.venv"
        mv "$TOOLS.partial" "$TOOLS"
    fi
    # The binaries themselves: the wheels' launchers hold on to one interpreter and its path.
    CMAKE="$TOOLS/cmake/data/bin/cmake" NINJA="$TOOLS/bin/ninja"
fi

# ---- source -------------------------------------------------------------------------------------

# usage: fetch PROJECT SDIST SHA256 BYTES, into the cache's downloads
fetch() {
    run "$PYTHON" "$HERE/fetch.py" "$1" "$2" --sha256 "$3" --size "$4" \
        --output "$CACHE/downloads/$2" || die "no source, no build"
}
# usage: unpack SDIST FOLDER DESTINATION: that folder of it and nothing else
unpack() {
    local parts=${2//[!\/]/}
    mkdir -p "$3"
    run tar -xzf "$CACHE/downloads/$1" -C "$3" --strip-components=$((${#parts} + 2)) \
        "${1%.tar.gz}/$2" || die "could not unpack $1: is the disk full?"
}

if [ ! -d "$WORK/src" ]; then
    mkdir -p "$CACHE/downloads"
    fetch llama-cpp-python "$SDIST" "$SDIST_SHA256" "$SDIST_BYTES"
    fetch stable-diffusion-cpp-python "$WEBP_SDIST" "$WEBP_SHA256" "$WEBP_BYTES"
    rm -rf "$WORK"
    unpack "$SDIST" vendor/llama.cpp "$WORK/src.partial"
    unpack "$WEBP_SDIST" vendor/stable-diffusion.cpp/thirdparty/libwebp "$WORK/src.partial/vendor/libwebp"
    mv "$WORK/src.partial" "$WORK/src"
fi

# ---- build --------------------------------------------------------------------------------------

CORES=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
say "building once, about $(((12 + CORES - 1) / CORES)) min on $CORES cores…"
STARTED=$SECONDS

# A cache inside some other git repository must not stamp that one's commit on this build.
export GIT_CEILING_DIRECTORIES="$CACHE"
# Assertions carry the path of their source file: let it not be that of somebody's home directory.
MAP="-ffile-prefix-map=$WORK/src=llama.cpp"
export CFLAGS="${CFLAGS:-} $MAP" CXXFLAGS="${CXXFLAGS:-} $MAP"
# shellcheck disable=SC2086 # EXTRA_ARGS is split at spaces, as documented above
run "$CMAKE" -S "$WORK/src" -B "$WORK/build" -G Ninja -DCMAKE_MAKE_PROGRAM="$NINJA" \
    -DCMAKE_PROJECT_llama.cpp_INCLUDE="${CHANGES[0]}" "${CMAKE_ARGS[@]}" $EXTRA_ARGS >"$WORK/configure.log" 2>&1 || {
    tail -n 30 "$WORK/configure.log"
    die "cmake failed; the whole log is in $WORK/configure.log"
}

# Ninja itself, because "cmake --build" dies of a signal without passing it on. On a terminal it
# draws its own progress line. In a log, a line each quarter is enough; what is not progress is a
# compiler's complaint and passes through.
build() {
    run "$NINJA" -C "$WORK/build" ${CMAKE_BUILD_PARALLEL_LEVEL:+-j "$CMAKE_BUILD_PARALLEL_LEVEL"} "${TARGETS[@]}"
}
quarters() {
    local line quarter last=0
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            quarter=$((4 * BASH_REMATCH[1] / BASH_REMATCH[2]))
            [ "$quarter" -eq "$last" ] || printf '  %d %%\n' $((25 * quarter))
            last=$quarter
        elif [[ $line != ninja:\ Entering* && $line != *no\ work\ to\ do* ]]; then
            printf '%s\n' "$line"
        fi
    done
}
if [ -t 2 ]; then build; else build > >(quarters 3>&- 9>&-) 2>&1; fi ||
    die "the build failed, see above; a rerun goes on from here, after rm -r $WORK from the start"

# ---- install ------------------------------------------------------------------------------------

OUT="$WORK/prefix"
rm -rf "$OUT"
mkdir -p "$OUT"/{bin,lib/pkgconfig,include/{common,nlohmann,webp},share/{templates,licenses/{llama.cpp,libwebp}}}
cp "$WORK/src"/include/*.h "$WORK/src"/ggml/include/*.h "$WORK/src"/tools/mtmd/{mtmd,mtmd-helper}.h "$OUT/include"
cp "$WORK/src"/vendor/nlohmann/*.hpp "$OUT/include/nlohmann"
(cd "$WORK/src/common" && find . -name '*.h' -o -name '*.hpp' | tar -cf - -T -) | tar -xf - -C "$OUT/include/common"
cp "$WORK/src"/vendor/libwebp/src/webp/{decode,types}.h "$OUT/include/webp"
cp "$WORK/build/libwebpdecoder.a" "$OUT/lib"
cp "$WORK/src"/vendor/libwebp/{COPYING,PATENTS} "$OUT/share/licenses/libwebp"
cp "$WORK/src"/models/templates/*.jinja "$OUT/share/templates"
cp "${PEERS[@]/#/$WORK/build/bin/}" "$OUT/bin"
cp "$WORK/src/LICENSE" "$WORK/src"/licenses/* "$OUT/share/licenses/llama.cpp"
find "$WORK/src/vendor" -name 'LICENSE*' | while read -r file; do
    cp "$file" "$OUT/share/licenses/llama.cpp/LICENSE-$(basename "$(dirname "$file")")"
done
printf '%s\n' "$VERSION" >"$OUT/VERSION"

# CMake has worked out which static libraries there are, in which order, and what system libraries
# the chosen backends add. Its link line for the one tool that uses all of them is the answer, put
# in the words that SwiftPM accepts from pkg-config: -I -L -l -F -framework -w.
link_line() {
    awk '/^build / { ours = ($2 == "bin/llama-mtmd-cli:") }
        ours && $1 == "LINK_LIBRARIES" { sub(/^[^=]*= */, ""); print; exit }' "$WORK/build/build.ninja"
}
LIBS=" -lwebpdecoder"
read -r -a WORDS < <(link_line) || die "found no link line in $WORK/build/build.ninja"
for ((i = 0; i < ${#WORDS[@]}; i++)); do
    word=${WORDS[i]}
    name=${word##*/}
    name=${name#lib}
    case "$word" in
    /*.framework) LIBS+=" -framework ${name%.framework}" ;;
    -framework)
        i=$((i + 1))
        LIBS+=" -framework ${WORDS[i]}"
        ;;
    /*.a | /*.so | /*.so.* | /*.dylib | /*.tbd)
        name=${name%%.so*} name=${name%.a} name=${name%.dylib}
        LIBS+=" -L${word%/*} -l${name%.tbd}"
        ;;
    *.a)
        cp "$WORK/build/$word" "$OUT/lib"
        LIBS+=" -l${name%.a}"
        ;;
    -l* | -L* | -F*) LIBS+=" $word" ;;
    esac
done
case "$(uname -s)" in
Darwin) LIBS+=" -framework Accelerate -framework Foundation -framework Metal -framework MetalKit -lc++" ;;
*) LIBS+=" -lstdc++ -lm -lpthread -ldl" ;;
esac

cat >"$OUT/lib/pkgconfig/lmstudio-llama.pc" <<PC
prefix=\${pcfiledir}/../..
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: lmstudio-llama
Description: llama.cpp with its common and mtmd libraries, and libwebp's decoder, static
Version: $VERSION
Cflags: -I\${includedir}
Libs: -L\${libdir}$LIBS
PC

mv "$OUT" "$PREFIX"
rm -rf "$WORK"
say "built in $(((SECONDS - STARTED) / 60)) min $(((SECONDS - STARTED) % 60)) s: $PREFIX"
finish
