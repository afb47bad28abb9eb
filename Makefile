# make run PYTHON=python3.12    another Python;    make run STORE=DIR    another place for everything
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(firstword $(wildcard $(BIN)/uv) uv)
STORE ?=
RUNS ?= 20
SEED ?= 1
DEPLOYMENTS ?= 200
PERSON ?= ana
OSV ?=

.PHONY: run test far-sides playground lint audit bench growth chaos kills pictures lock clean install install-dev

run: install
	@$(BIN)/signoff chat $(if $(STORE),--store $(STORE))

test: lint far-sides
	@$(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Bill of materials, licences, secrets, known vulnerabilities:    make audit OSV=https://HOST/v1/query
audit: install-dev
	@$(BIN)/python -m scripts.audit $(if $(OSV),--osv-url $(OSV))

bench: install-dev
	@$(BIN)/python -m benchmarks

# The same with up to a million deployments in the store; some minutes, and 10 GB of disk.
growth: install-dev
	@$(BIN)/python -m benchmarks growth

# Signoff in Microsoft's Agents Playground, without a tenant:    make playground PERSON=ana
playground: install
	@$(BIN)/python scripts/playground.py $(PERSON)

# The session that the README shows, run and drawn again.
pictures: install
	@$(BIN)/python scripts/draw_session.py

# All of production on this machine while everything goes wrong:    make chaos SEED=7 DEPLOYMENTS=200
chaos: install-dev far-sides
	@$(BIN)/python -m tests.faults.chaos --seed $(SEED) --deployments $(DEPLOYMENTS)

# kill -9 of worker, engine, chat and the whole tree at random moments:    make kills RUNS=20 SEED=1
kills: install-dev
	@$(BIN)/python -m tests.faults.kill_table --runs $(RUNS) --seed $(SEED)

# What the tests of Teams, Slack and the pages need besides: npm packages, a browser.
far-sides:
	@$(PYTHON) scripts/install_node.py

install:
	@$(PYTHON) scripts/install.py $(VENV) requirements.lock

# The development lock holds everything of the other one, so that is done with it.
install-dev:
	@$(PYTHON) scripts/install.py $(VENV) requirements-dev.lock

lock:
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 --extra azure-monitor pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 --extra azure-monitor --extra dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

# What Signoff keeps (.signoff) stays.
clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
