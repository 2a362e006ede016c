# Everything a fresh machine needs is Python 3.11 or later and make: each target sets up what it uses in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src -type f -not -name "*.pyc")

.PHONY: help demo test check lint types layers soak bench bench-language train docs clean

help:
	@echo "make demo    a simulated company in the browser"
	@echo "make test    lint, types, layers and every test but the long ones"
	@echo "make check   the same in about a minute, with a selection of tests"
	@echo "make soak    the long tests: kills, load, the browser tour"
	@echo "make bench   every measurement in bench/"
	@echo "make bench-language   how well and how fast messages are read"
	@echo "make docs    write the reference pages again"

# The stamps say that the environment holds what pyproject.toml asks for.
$(VENV)/made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	touch $@

$(VENV)/run: $(VENV)/made pyproject.toml $(SOURCES)
	@echo "Installing Heedful into $(VENV) ..."
	test -e $(VENV)/dev || $(BIN)/python -m pip install --quiet .
	touch $@

$(VENV)/dev: $(VENV)/made pyproject.toml
	@echo "Installing Heedful and what its tests need into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: $(VENV)/run
	$(BIN)/heedful demo

test: lint types layers
	$(BIN)/pytest -m "not soak"

lint: $(VENV)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/dev
	$(BIN)/mypy

layers: $(VENV)/dev
	$(BIN)/lint-imports --no-cache

check: lint types layers
	$(BIN)/pytest -m "not soak" tests/contracts tests/privacy tests/store tests/intake tests/test_records.py \
		tests/test_settings.py tests/test_errors.py tests/test_folder.py tests/test_docs.py

soak: $(VENV)/dev
	$(BIN)/pytest -m soak

bench: $(VENV)/dev
	@for one in $$(grep -l __main__ bench/*.py | grep -v _peer); do echo "== $$one"; $(BIN)/python $$one || exit 1; done

bench-language: $(VENV)/dev
	@for one in language sentiment readings teach; do echo "== bench/$$one.py"; $(BIN)/python bench/$$one.py || exit 1; done

# In an environment with training/requirements.txt: make train DATA=FOLDER RUN=FOLDER [MINUTES=N]
train:
	python training/train.py $(DATA) $(RUN) $(if $(MINUTES),--minutes $(MINUTES))
	python training/spam.py $(DATA) $(RUN)
	python training/heads.py $(DATA) $(RUN) $(RUN)/further
	python training/finish.py $(DATA) $(RUN)/further
	python training/linear_sentiment.py $(DATA)

docs: $(VENV)/dev
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
