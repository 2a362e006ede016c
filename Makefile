# Everything a fresh machine needs is Python 3.11 or later and make: each target sets up what it uses in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := $(shell find src -type f -not -name "*.pyc")

# one more than there are cores: tests of servers wait now and then
TESTERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

.PHONY: help demo test check lint types layers soak bench bench-language train docs clean

help:
	@echo "make demo    a simulated company in the browser"
	@echo "make test    lint, types, layers and every test but the long ones"
	@echo "make check   the same in about a minute, with a selection of tests"
	@echo "make soak    the long tests: kills, load, the browser tour"
	@echo "make bench   every measurement in bench/"
	@echo "make bench-language   how well and how fast messages are read"
	@echo "make train   the models again, from public data"
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

$(VENV)/training: $(VENV)/dev training/requirements.txt
	@echo "Installing what training and its peers need into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --requirement training/requirements.txt
	touch $@

demo: $(VENV)/run
	$(BIN)/heedful demo

test: lint types layers
	$(BIN)/pytest -m "not soak" -n $(TESTERS) --dist loadfile

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
	HEEDFUL_EXAMPLES=150 $(BIN)/pytest -m "soak or hypothesis"

bench: $(VENV)/dev
	@for one in $$(grep -l __main__ bench/*.py | grep -v _peer); do echo "== $$one"; $(BIN)/python $$one || exit 1; done

bench-language: $(VENV)/training
	@for one in language sentiment readings teach; do echo "== bench/$$one.py"; $(BIN)/python bench/$$one.py || exit 1; done

# From DATA to src/heedful/models, with what is learnt on the way in RUN; MINUTES ends each of the two runs sooner.
DATA ?= ../shared/data
RUN ?= run
TRAIN := $(BIN)/python training/train.py $(DATA)
SOONER := $(if $(MINUTES),--minutes $(MINUTES))
train: $(VENV)/training
	$(TRAIN) $(RUN)/first $(SOONER)
	$(TRAIN) $(RUN)/second --from $(RUN)/first --seed 2 $(SOONER)
	$(BIN)/python training/average.py $(DATA) $(RUN)/first $(RUN)/second $(RUN)/averaged
	$(BIN)/python training/spam.py $(DATA) $(RUN)/averaged $(RUN)/first
	$(BIN)/python training/linear_sentiment.py $(DATA)
	$(BIN)/python training/finish.py $(DATA) $(RUN)/averaged --after $(RUN)/first

docs: $(VENV)/dev
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
