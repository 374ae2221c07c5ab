# Two commands do everything: `make run` and `make test`. Each installs what it needs. `make help` lists the others.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# System packages by purpose (Debian's names).
BUILD_PACKAGES := gcc libasound2-dev pkg-config
CHECK_PACKAGES := python3 python3-venv
TEST_PACKAGES := chromium curl openssl procps python3 python3-numpy python3-scipy python3-venv sox
FUZZ_PACKAGES := g++

# Integration tests mostly wait for real time to pass.
TEST_THREADS ?= 6

WEB_SOURCES := $(shell find web/src web/public web/index.html web/package.json web/tsconfig.json web/vite.config.ts \
	web/client/src web/client/package.json web/client/tsconfig.json web/client/tsconfig.build.json 2>/dev/null)
NODE_MODULES := web/node_modules/.package-lock.json
PAGE := web/dist/index.html
PYTHON := target/python-venv
# Written when the environment is whole.
PYTHON_READY := $(PYTHON)/.ready

.PHONY: help run test check web bench soak fuzz build-packages check-packages test-packages tools

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: build-packages web ## Build the page and the release binary, and serve the microphone (or the simulation)
	cargo build --release --locked
	@scripts/run.sh target/release/photophone

test: build-packages test-packages web $(PYTHON_READY) ## Run all tests, those in a browser included
	RUST_TEST_THREADS=$(TEST_THREADS) cargo test --workspace --locked
	cd web && npm run --silent test
	cd web && PHOTOPHONE_BIN=$(CURDIR)/target/debug/photophone npm run --silent e2e
	cd clients/python && PHOTOPHONE_BIN=$(CURDIR)/target/debug/photophone $(CURDIR)/$(PYTHON)/bin/pytest -q

check: build-packages check-packages web $(PYTHON_READY) ## Formatting, lints, types and documentation, warnings denied
	cargo fmt --all --check
	cargo metadata --locked --manifest-path fuzz/Cargo.toml --format-version 1 >/dev/null
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	cd web && npm run --silent lint && npm run --silent typecheck
	cd clients/python && $(CURDIR)/$(PYTHON)/bin/ruff format --check --quiet && $(CURDIR)/$(PYTHON)/bin/ruff check --quiet
	cd clients/python && $(CURDIR)/$(PYTHON)/bin/mypy --no-error-summary

web: $(PAGE) ## Build the web page that the binary embeds

$(PAGE): $(NODE_MODULES) $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

$(NODE_MODULES): web/package-lock.json | tools
	cd web && npm ci --no-audit --no-fund
	@touch $@

$(PYTHON_READY): clients/python/pyproject.toml clients/python/constraints.txt scripts/python-venv.sh | check-packages
	@scripts/python-venv.sh $(PYTHON)
	@touch $@

build-packages: | tools
	@scripts/packages.sh $(BUILD_PACKAGES)

check-packages:
	@scripts/packages.sh $(CHECK_PACKAGES)

test-packages:
	@scripts/packages.sh $(TEST_PACKAGES)

tools:
	@scripts/tools.sh

bench: build-packages web ## Measure frames, feeds, events, their history and fan-out, each beside a reference in the same run
	cargo bench --locked --bench frames --bench feeds --bench events --bench history --bench fanout

soak: build-packages test-packages web ## Run whole what `make test` runs short: hours of simulation, minutes of load
	PHOTOPHONE_SOAK=1 cargo test --workspace --locked --test it -- --nocapture fuzz:: soak:: stream::resume::
	cd web && PHOTOPHONE_BIN=$(CURDIR)/target/debug/photophone PHOTOPHONE_SOAK_SECS=3600 npm run --silent e2e -- cost

fuzz: build-packages ## Run libFuzzer on everything that takes input from outside (FUZZ_SECS each, 60)
	@scripts/packages.sh $(FUZZ_PACKAGES)
	@scripts/fuzz.sh $(FUZZ_SECS)

FUZZ_SECS ?= 60
