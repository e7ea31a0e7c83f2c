# Everything a fresh machine needs is fetched or built on the way, and kept in the user's cache.
#
#   make demo      build, fetch the starter model, run the documents' Python snippet
#   make test      all tests: Swift, C, C++ and Python
#   make build     liblmstudio into .build/lib, the command line lms into .build/bin
#   make wheel     a Python wheel, into python/dist
#   make install   PREFIX=/usr/local [DESTDIR=]: lms, headers, library, pkg-config file
#   make bench     figures against llama.cpp, llama-cpp-python and the published lmstudio
#   make lint, make format, make clean
#
# Needs a Swift 6.2 toolchain, Python 3.10 or newer with its headers, a C++ compiler, pkg-config.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: build demo test test-swift test-python wheel install bench lint format clean help

PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=
CACHE := $(or $(LMSTUDIO_CACHE_DIR),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lmstudio-swift)
BUILD := .build
LIBRARY := $(BUILD)/lib/liblmstudio.so.0
LMS := $(BUILD)/bin/lms
WHEELS := python/dist
VERSION = $(shell sed -n 's/.*LMS_VERSION_STRING "\(.*\)"/\1/p' include/lmstudio/version.h)

# llama.cpp's place is known once it is built; recipes begin with this.
WITH_LLAMA = LLAMA=$$(Sources/CLlama/build-llama.sh); \
	export LLAMA PKG_CONFIG_PATH=$$LLAMA/lib/pkgconfig:$${PKG_CONFIG_PATH:-}

# Relative relocations take 1.1 MB less in a packed form, which glibc's loader reads from 2.36 on.
PACKED := $(shell getconf GNU_LIBC_VERSION 2>/dev/null | \
	awk '{ split($$2, part, "."); if (part[1] * 100 + part[2] >= 236) print "-z pack-relative-relocs" }')

# What only release builds need; SwiftPM forbids such flags in the manifest of a dependency.
# The Swift runtime goes in; unused sections, regular expressions, tables of characters, the reporter of
# crashes, BoringSSL's larger tables and C's unwind tables stay out; of the library only lms_* stays
# visible. -Osize takes 0.9 MB off and adds 0.05 µs to a fragment's 0.7 from a server; C's -Oz takes
# another 0.7, nearly all of BoringSSL's. The linker's -O2 lets strings end within each other. Messages
# of BoringSSL name its files without the directory that they were built in.
RELEASE = -c release --scratch-path $(BUILD)/release-library \
	$(addprefix -Xswiftc ,-static-stdlib -use-ld=lld -Osize) \
	$(addprefix -Xswiftc ,-Xfrontend -disable-implicit-string-processing-module-import) \
	$(addprefix -Xcc ,-Oz -DOPENSSL_SMALL -DLMSTUDIO_NO_CRASH_REPORTER) \
	$(addprefix -Xcc ,-fno-asynchronous-unwind-tables) \
	-Xcc -fmacro-prefix-map=$(abspath $(BUILD))/release-library/checkouts/= \
	$(addprefix -Xlinker ,--gc-sections --icf=safe -O2 -s $(PACKED))
LINKED = $(addprefix -Xlinker ,--version-script=$(CURDIR)/include/lmstudio.map \
	-soname=liblmstudio.so.0 -z defs $(UNUSED:%=--wrap=_swift_stdlib_get%))
# The runtime's tables of characters that have stand-ins, see UnicodeTables.swift.
UNUSED = ScalarName Age Script ScriptExtensions

# What is to be read of those whose work the library contains.
LICENSES := $(BUILD)/lib/LICENSES.txt
LICENSE_NAMES = \( -name 'LICENSE*' -o -name 'NOTICE*' -o -name COPYING -o -name PATENTS \)

help:
	@sed -n '1,/^$$/p' Makefile | sed 's/^# \{0,1\}//'

build: $(LIBRARY) $(LMS)

SOURCES = $(shell find Sources include -type f) Package.swift Makefile
$(LIBRARY): $(SOURCES)
	@echo "building liblmstudio (minutes the first time)" >&2
	@$(WITH_LLAMA); swift build $(RELEASE) $(LINKED) --product lmstudio; mkdir -p $(@D); \
		files=$$(find $$LLAMA/share/licenses $(BUILD)/release-library/checkouts -maxdepth 2 $(LICENSE_NAMES)); \
		{ cat LICENSE; for file in $$files; do \
			printf '\n==== %s ====\n\n' "$$(basename "$$(dirname "$$file")")"; cat "$$file"; \
		done; } > $(LICENSES)
	@cp $(BUILD)/release-library/release/liblmstudio.so $@.new && mv $@.new $@
	@ln -sf $(@F) $(@D)/liblmstudio.so

# After the library: both are built in one place, and SwiftPM lets one of them at it at a time.
$(LMS): $(SOURCES) | $(LIBRARY)
	@echo "building lms" >&2
	@$(WITH_LLAMA); swift build $(RELEASE) --product lms
	@mkdir -p $(@D)
	@cp $(BUILD)/release-library/release/lms $@.new && mv $@.new $@

# The package in a virtual environment; installed anew when something of it changed.
PACKAGE = $(shell find python/src python/setup.py python/pyproject.toml -type f)
.venv/installed: $(LIBRARY) $(PACKAGE)
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@echo "installing the Python package into .venv" >&2
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check ./python
	@touch $@

demo: .venv/installed
	@Sources/LMStudioLlama/fetch-models.py starter >/dev/null
	@.venv/bin/python python/examples/demo.py

# Tests see a store that holds the starter model and nothing else, and no server that runs here.
TEST_MODELS := $(CACHE)/test-models
GEMMA_MODELS := $(CACHE)/gemma-models
EMBEDDING_MODELS := $(CACHE)/embedding-models
TEST_ENVIRONMENT = export LMSTUDIO_MODELS_DIR=$(TEST_MODELS) LMSTUDIO_HOST=local:; \
	export LMSTUDIO_TEST_STARTER=$$(Sources/LMStudioLlama/fetch-models.py starter); \
	export LMSTUDIO_TEST_GEMMA=$$(Sources/LMStudioLlama/fetch-models.py gemma $(GEMMA_MODELS))
PYTHON_TEST_ENVIRONMENT = $(TEST_ENVIRONMENT); \
	export LMSTUDIO_TEST_EMBEDDING=$$(.venv/bin/python python/tests/minilm.py $(EMBEDDING_MODELS))

test: test-swift test-python

# One after the other: two engines, or an engine and a compiler, on the same cores take many times as
# long as each alone, and what has a deadline must not wait for them. What failed is told again at the end.
LONG_TESTS := LMStudioLlamaTests lmsTests ConsumerTests
TEST_LOG := $(BUILD)/test.log
test-swift: $(LIBRARY)
	@$(WITH_LLAMA); $(TEST_ENVIRONMENT); export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16; \
		{ swift test $(addprefix --skip ,$(LONG_TESTS)) && for tests in $(LONG_TESTS); do \
			swift test --skip-build --filter $$tests || exit; \
		done; } 2>&1 | tee $(TEST_LOG) || { grep ✘ $(TEST_LOG) >&2; exit 1; }

.venv/test: python/requirements-test.txt
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The published package, as a peer: each version in an environment of its own.
PEERS := $(CACHE)/peer-lmstudio-1.5.0 $(CACHE)/peer-lmstudio-1.6.0b1
$(PEERS:%=%/done): $(CACHE)/peer-lmstudio-%/done:
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check lmstudio==$*
	@touch $@

test-python: .venv/installed .venv/test $(LMS) $(PEERS:%=%/done)
	@$(WITH_LLAMA); $(PYTHON_TEST_ENVIRONMENT); export LMSTUDIO_TEST_LMS=$(CURDIR)/$(LMS) \
		LMSTUDIO_TEST_PEERS="$(PEERS)"; .venv/bin/python -m pytest python/tests

wheel: $(LIBRARY)
	@rm -f $(WHEELS)/*.whl
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w $(WHEELS) ./python
	@ls $(WHEELS)/*.whl

install: $(LIBRARY) $(LMS)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include/lmstudio lib/pkgconfig share/licenses/lmstudio)
	install -m 644 $(LICENSES) $(DESTDIR)$(PREFIX)/share/licenses/lmstudio/
	install -m 755 $(LMS) $(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/lmstudio.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 include/lmstudio/*.h $(DESTDIR)$(PREFIX)/include/lmstudio/
	install -m 755 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/liblmstudio.so.$(VERSION)
	ln -sf liblmstudio.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/liblmstudio.so.0
	ln -sf liblmstudio.so.0 $(DESTDIR)$(PREFIX)/lib/liblmstudio.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' include/lmstudio.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/lmstudio.pc

bench: $(LIBRARY) $(LMS) .venv/installed .venv/test
	@$(WITH_LLAMA); $(PYTHON_TEST_ENVIRONMENT); Tests/Benchmarks/run.py

# Formatters and linters, of pinned versions.
LINT := $(CACHE)/lint-1
$(LINT)/done: python/requirements-lint.txt
	@$(PYTHON) -m venv $(LINT)
	@$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

SWIFT_FILES = Package.swift Sources Tests
C_FILES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.cpp' '*.h' '*.hpp')
PYTHON_FILES = . ../Sources ../Tests

lint: $(LINT)/done
	swift format lint --strict --parallel --recursive $(SWIFT_FILES)
	$(LINT)/bin/clang-format --dry-run -Werror $(C_FILES)
	cd python && $(LINT)/bin/ruff check --no-cache $(PYTHON_FILES)
	cd python && $(LINT)/bin/ruff format --no-cache --check $(PYTHON_FILES)
	cd python && MYPY_CACHE_DIR=../.build/mypy $(LINT)/bin/mypy

format: $(LINT)/done
	swift format --in-place --parallel --recursive $(SWIFT_FILES)
	$(LINT)/bin/clang-format -i $(C_FILES)
	cd python && $(LINT)/bin/ruff check --no-cache --fix $(PYTHON_FILES)
	cd python && $(LINT)/bin/ruff format --no-cache $(PYTHON_FILES)

clean:
	rm -rf $(BUILD) .venv python/build python/dist python/src/*.egg-info
