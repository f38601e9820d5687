# One command for each thing one does here. Needs make, git and Python 3.11 or later; all else goes into .venv.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SECONDARY:

# Compiled files are kept even where the environment says not to: the tests start many a Python.
unexport PYTHONDONTWRITEBYTECODE
# What is not here is left out and told, not fetched.
export UV_PYTHON_DOWNLOADS := never

# Tried by running it: a name on the path may be a shim with no Python behind it.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip install -q --python
COMPILE := $(UV) pip compile -q --upgrade --universal --python-version 3.11 --no-annotate \
	--custom-compile-command "make pins" pyproject.toml
# Other interpreters: on the path, and what pyenv has beside the one that it shows.
PYENV := $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1[1-9]*/bin)
FIND := UV_PYTHON_SEARCH_PATH="$(subst $() ,:,$(PYENV)):$(PATH)" $(UV) python find --system --no-project
# Files in the order of tests/conftest.py, which knows the long ones, and not by how many tests each has.
PYTEST := -m pytest -n auto --dist loadfile --no-loadscope-reorder
# Run on one Python: other checkers, editors and releases of mypy (test_alone.py and the cases stay), pages and
# commands of examples, what builds or reads the project, what breaks on purpose to see that tests notice,
# what asks databases about SQL, what looks after servers or kills them, and what `make` runs in .venv alone.
ONCE := tests/static tests/editors tests/servers tests/chaos tests/benchmarks tests/docs \
	$(addprefix tests/mypy/test_,versions.py steps.py real_code.py other_plugins.py changed_plugin.py) \
	$(addprefix tests/test_,stubs.py package.py skipped_line.py) \
	tests/properties/test_machine_catches_bugs.py tests/outbox/test_simulation_catches_bugs.py \
	$(wildcard $(addprefix tests/adapters/sqlalchemy/outbox/test_,store_*.py operating*.py verifying.py)) \
	$(wildcard $(addprefix examples/*/tests/test_,commands.py processes.py demo.py))
SKIPPED := .venv/skipped

.PHONY: help demo test test-main lint bench chaos docs pins clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.demo ## show the main job, on a small shop
	@PYTHONPATH=examples $(BIN)/python -m shop.demo

test: test-main test-3.11 test-3.12 test-3.13 ## run every test, then the run-time tests on each other Python found
	@sort -u $(SKIPPED) | awk '{ all = all sep $$0; sep = "; " } END { print "skipped: " (NR ? NR " — " all : "nothing") }'

test-main: .venv/.dev .venv/.mypys .venv/.sqlalchemy20
	@: > $(SKIPPED)
	TYPEDBUS_SKIPPED=$(SKIPPED) $(BIN)/python $(PYTEST)
	PYTHONPATH=.venv/sqlalchemy20 TYPEDBUS_SKIPPED=$(SKIPPED) $(BIN)/python $(PYTEST) tests/adapters/sqlalchemy

test-3.%: .venv/.dev
	@if $(BIN)/python --version | grep -q ' 3\.$*\.'; then :; \
	elif $(FIND) 3.$* >/dev/null 2>&1; then $(MAKE) --no-print-directory run-3.$*; \
	else echo "Python 3.$*: not found" | tee -a $(SKIPPED); fi

run-3.%: .venv-3.%/.dev .venv-3.%/.mypys
	TYPEDBUS_SKIPPED=$(SKIPPED) .venv-3.$*/bin/python $(PYTEST) $(addprefix --ignore=,$(ONCE))

lint: .venv/.dev ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/.bench ## compare with the peers and the hand-written loop
	$(BIN)/python -m benchmarks

chaos: .venv/.dev ## kill, stop, cut off and drown the outbox for half an hour; writes docs/chaos-results.md
	$(BIN)/python -m tests.chaos $(CHAOS)

docs: .venv/.docs ## build the documentation into site/
	$(BIN)/zensical build --clean --strict
	@rm -rf .cache

pins: $(UV) ## renew the pins in requirements/
	$(COMPILE) --all-extras --group dev -o requirements/dev.txt
	$(COMPILE) -c requirements/dev.txt --extra fastapi --extra mypy --extra sqlalchemy --group demo -o requirements/demo.txt
	$(COMPILE) -c requirements/dev.txt --extra bench --extra celery --extra django --extra sqlalchemy \
		--group build --group servers -o requirements/bench.txt
	$(COMPILE) -c requirements/dev.txt --group docs --group build -o requirements/docs.txt

clean: ## remove what these commands made
	rm -rf .venv .venv-3.* dist site .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(UV): requirements/uv.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo 'No Python 3.11 or later found. Install one, or name it: make PYTHON=/path/to/python3.12'; exit 1; } >&2
	@echo 'Making .venv with $(PYTHON)'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	echo 'Could not make .venv. On Debian and Ubuntu, install python3-venv, then try again.'; exit 1; } >&2
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

# Each installs a set of pins, and typedbus itself as an editable install, built with the pinned builder.
.venv/.%: requirements/%.txt pyproject.toml $(UV)
	@echo 'Installing $< into .venv'
	@$(INSTALL) $(BIN)/python -r $<
	@$(INSTALL) $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv-3.%/.dev: requirements/dev.txt pyproject.toml
	@echo 'Installing $< into .venv-3.$*'
	@$(UV) venv -q --clear --python "$$($(FIND) 3.$*)" .venv-3.$*
	@$(INSTALL) .venv-3.$*/bin/python -r $<
	@$(INSTALL) .venv-3.$*/bin/python --no-deps --no-build-isolation -e .
	@touch $@

# Each mypy that the plugin is tested with goes into a folder of its own, with the pins of what it needs.
.venv/.mypys: requirements/mypys.txt .venv/.dev
	$(INSTALL_MYPYS)

.venv-3.%/.mypys: requirements/mypys.txt .venv-3.%/.dev
	$(INSTALL_MYPYS)

# The older SQLAlchemy that its adapter is tested with; PYTHONPATH puts it before the newer one.
.venv/.sqlalchemy20: requirements/sqlalchemy20.txt .venv/.dev
	@echo 'Installing $< into .venv/sqlalchemy20'
	@rm -rf .venv/sqlalchemy20
	@$(INSTALL) $(BIN)/python --no-deps --target .venv/sqlalchemy20 -r $<
	@touch $@

define INSTALL_MYPYS
	@echo 'Installing $< into $(@D)/mypys'
	@rm -rf $(@D)/mypys
	@grep -v '^mypy==' requirements/dev.txt > $(@D)/beside-mypy.txt
	@cat $< requirements/dev.txt | grep '^mypy==' | while read -r pin; do \
		version=$${pin#mypy==}; \
		$(INSTALL) $(@D)/bin/python -c $(@D)/beside-mypy.txt --target "$(@D)/mypys/$${version%% *}" "$$pin" \
		|| exit 1; done
	@touch $@
endef
