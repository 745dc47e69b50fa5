# Sets up .venv and runs the project's commands; `make help` lists them. Every path is relative to this folder.

.DEFAULT_GOAL := warehouse
.PHONY: warehouse setup test faults bi ui lint bench docs cluster postgres lock clean help FORCE

# The first supported Python and the first one beyond, from the project's requires-python.
SUPPORTED := $(shell sed -n 's/^requires-python = ">=\(3\.[0-9]*\),<\(3\.[0-9]*\)"$$/\1 \2/p' pyproject.toml)
OLDEST := $(word 1,$(SUPPORTED))
BEYOND := $(word 2,$(SUPPORTED))
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3)

# Two stamps say what is installed: the locked packages (and for which folder: the programs in .venv/bin name it)
# and the project itself. Each is written last, so a half-finished installation has none and is done again.
checksum = $(shell { $(1); } | cksum | cut -d ' ' -f 1)
PACKAGES := .venv/.packages-$(call checksum,pwd -P; cat requirements.lock)
PROJECT := .venv/.project-$(call checksum,cat pyproject.toml)
# Superset and Node's packages stand apart from the project, in .venv-bi; `make bi` alone needs them.
BI := .venv-bi/.packages-$(call checksum,pwd -P; cd tests/system/bi_tools && cat superset.lock package-lock.json)
# A .venv without a living Python, or with another than the one asked for, is made anew whatever its stamps say.
IDENTITY := -c 'import sys; print(sys.base_prefix, sys.version)'
RENEW := $(shell [ -x .venv/bin/python ] && { [ -z "$(PYTHON)" ] || \
	[ "$$("$(PYTHON)" $(IDENTITY) 2>&1)" = "$$(.venv/bin/python $(IDENTITY) 2>&1)" ]; } || echo FORCE)
PIP_INSTALL := .venv/bin/python -m pip install --disable-pip-version-check -qq --no-deps --no-compile

# Run by a candidate: prints its path, or says what is wrong with it. Must parse under any Python, however old.
define PROBE
import sys
name = "is Python %d.%d.%d" % sys.version_info[:3]
oldest, beyond = [tuple(map(int, v.split("."))) for v in ("$(OLDEST)", "$(BEYOND)")]
if not oldest <= sys.version_info[:2] < beyond:
    sys.exit(name)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(name + " without the venv module (Debian, Ubuntu: apt-get install python3-venv)")
print(getattr(sys, "_base_executable", sys.executable))
endef
export PROBE

warehouse: setup ## Check the seeds, build every table, publish warehouse/closedloop.duckdb (the default)
	@.venv/bin/closedloop build $(ARGS)

setup: $(PROJECT) ## Create .venv and install requirements.lock into it (PYTHON=... chooses the Python)

test: setup ## Run the whole test suite (ARGS=... goes to pytest)
	@.venv/bin/pytest $(ARGS)

faults: setup ## Cause real failures (kill -9, full disk, clocks, many at once) and check what is left (ARGS=ROOM)
	@.venv/bin/python -m tests.system.faults $(ARGS)

bi: setup $(BI) ## Test the published file in Superset and Node, installed once into .venv-bi (ARGS=... goes to pytest)
	@CLOSEDLOOP_REQUIRE_BROWSER=1 .venv/bin/pytest -n 0 tests/system/bi_tools $(ARGS)

ui: setup ## Serve the Dagster web UI on 127.0.0.1:3000
	@.venv/bin/closedloop ui $(ARGS)

lint: setup ## Check style, types, SQL and the lock; runs all of them even if one fails
	@failed=; check() { echo "$$*"; "$$@" || failed="$$failed; $$*"; }; \
	check .venv/bin/ruff check; \
	check .venv/bin/ruff format --check; \
	check .venv/bin/mypy; \
	[ -z "$$(find sql -name '*.sql' 2>/dev/null)" ] || check .venv/bin/sqlfluff lint sql; \
	check .venv/bin/python -m tests.unit.lint.lock_in_step; \
	[ -z "$$failed" ] || { echo "make lint failed$$failed" >&2; exit 1; }

bench: setup ## Measure ratios against alternatives, write them to tests/performance/README.md (ARGS=... chooses sections)
	@.venv/bin/python -m tests.performance $(ARGS)

docs: setup ## Renew what is generated in the documents, and the changelog of the published file
	@.venv/bin/python -m tests.integration.docs.generate

cluster: setup ## Install Dask too, for work on several machines
	@$(PIP_INSTALL) --require-hashes -r assets/scale/cluster.lock

postgres: setup ## Install what Dagster's history in PostgreSQL needs
	@$(PIP_INSTALL) --require-hashes -r assets/orchestration/postgres.lock

lock: setup ## Resolve the locks from pyproject.toml (ARGS=--upgrade takes newer versions)
	@compile() { .venv/bin/uv pip compile pyproject.toml --universal --python-version $(OLDEST) --generate-hashes \
		--no-annotate --no-header --quiet $(ARGS) "$$@"; }; \
	compile --extra dev -o requirements.lock && \
	compile --extra cluster -c requirements.lock -o assets/scale/cluster.lock && \
	compile --extra postgres -c requirements.lock -o assets/orchestration/postgres.lock
	@.venv/bin/python -m tests.unit.lint.lock_in_step --stamp

clean: ## Remove .venv, .venv-bi and caches; keeps warehouse/ and .dagster_home/, which hold history
	@rm -rf .venv .venv-bi build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

$(PACKAGES): $(RENEW)
	@python=; seen=; \
	for candidate in $(CANDIDATES); do \
		answer=$$("$$candidate" -c "$$PROBE" 2>&1); status=$$?; \
		if [ $$status -eq 0 ] && [ -x "$$answer" ]; then python=$$answer; break; fi; \
		if [ $$status -lt 126 ]; then seen="$$seen; $$candidate $$(echo "$${answer:-is no Python}" | head -n 1)"; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "closedloop needs Python >= $(OLDEST) and < $(BEYOND)$${seen:-; cannot run $(CANDIDATES)}." \
			"Install one, or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Installing requirements.lock into .venv with $$python: a minute or two, once."; \
	"$$python" -m venv --clear .venv
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@.venv/bin/python -m compileall -q -j 0 .venv/lib  # some machines forbid Python to write bytecode on import
	@touch $@

$(BI): $(shell .venv-bi/bin/python -c '' 2>/dev/null || echo FORCE) | $(PROJECT)
	@missing=; need() { command -v "$$1" >/dev/null || missing="$$missing $$1"; }; \
	need node; need npm; need chromedriver; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || need chromium; \
	[ -z "$$missing" ] || { echo "make bi needs$$missing on the PATH" \
		"(Debian, Ubuntu: apt-get install nodejs npm chromium chromium-driver)" >&2; exit 1; }
	@echo "Installing Superset and Node's packages into .venv-bi: a minute or two, once."
	@.venv/bin/python -m venv --clear .venv-bi
	@.venv-bi/bin/python -m pip install --disable-pip-version-check -qq --no-deps --no-compile \
		--require-hashes -r tests/system/bi_tools/superset.lock
	@.venv-bi/bin/python -m compileall -q -j 0 .venv-bi/lib
	@mkdir .venv-bi/node && cp tests/system/bi_tools/package.json tests/system/bi_tools/package-lock.json .venv-bi/node
	@npm --prefix .venv-bi/node install --no-audit --no-fund --loglevel=error >.venv-bi/npm.log 2>&1 \
		|| { cat .venv-bi/npm.log >&2; exit 1; }
	@touch $@

$(PROJECT): $(PACKAGES)
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@rm -f .venv/.project-*
	@touch $@
