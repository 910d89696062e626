# make run: sets up and starts the product.  make test: sets up and runs every check and test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
HOST ?= 127.0.0.1

.PHONY: run test setup setup-dev lint types tests fuzz lock clean

run: $(VENV)/installed
	@$(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

setup: $(VENV)/installed

setup-dev: $(VENV)/installed-dev

test: setup-dev lint types tests

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is " + sys.version.split()[0] + ". Name one: make PYTHON=python3.12 run")'
	@$(PYTHON) -m venv $(VENV)

# uv installs in seconds where pip takes a minute; both follow the same pins. Where uv cannot (a certificate that only
# the system knows, say), pip does it.
define install
	@echo "Installing $(1)"
	@if command -v uv >/dev/null 2>&1 && UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 uv pip install -q --python $(BIN)/python -r $(1); then :; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check -r $(1); fi
endef

$(VENV)/installed: requirements.txt | $(BIN)/python
	$(call install,requirements.txt)
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt | $(BIN)/python
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/installed

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

types:
	$(BIN)/mypy .

tests:
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

# The tests of generated examples, with examples that no run has tried.
fuzz: setup-dev
	HYPOTHESIS_PROFILE=new $(BIN)/python -m pytest -q tests/file_uploads tests/ml_services -k "read_back or every_row or schema or parsing or encoding"

# Pins that still fit stay as they are; name a package in UPGRADE to take its newest.
lock:
	@for extra in "requirements.txt:" "requirements-dev.txt:--extra dev"; do \
		file=$${extra%%:*}; cp $$file $$file.new; \
		uv pip compile -q pyproject.toml $${extra#*:} --universal --python-version 3.11 --no-annotate --no-header \
			$(if $(UPGRADE),--upgrade-package $(UPGRADE)) -o $$file.new >/dev/null \
		&& { echo "# Pinned whole. Made from pyproject.toml: make lock"; cat $$file.new; } > $$file; \
		rm -f $$file.new; done

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis var
