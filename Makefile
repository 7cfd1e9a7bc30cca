# Set-up and the usual jobs. Needs make and Python 3.11 or newer; everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --no-input --disable-pip-version-check
PINS := pyproject.toml constraints.txt
PROVED := worst graphs screening monitoring kills cluster programs  # they end with 1 where an answer or a bar is missed
export PYTHON CHROMIUM
unexport PYTHONDONTWRITEBYTECODE  # the tests start dozens of processes, and each would compile the package again

.PHONY: help demo serve test prove docs first-sentences clean
help:
	@echo 'make demo    solve the reference year of the shipped region and write its report'
	@echo 'make serve   open the live map of the shipped region in a browser'
	@echo 'make test    style, types and all tests'
	@echo 'make prove   ten thousand made-up cases, ten thousand spoilt files, a sweep killed a hundred times, a cluster, and benchmarks beside other tools, written to docs/benchmarks.md; takes hours'
	@echo 'make docs    write again the pages that are made from the tables and the commands'
	@echo 'make first-sentences  write again what is said first of twelve cuts by days; minutes'
	@echo 'make clean   remove .venv and all caches'

demo: $(VENV)/.runtime
	@$(BIN)/kelisim demo $(ARGS)

serve: $(VENV)/.web
	@$(BIN)/kelisim serve $(ARGS)

test: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@CHROMIUM=$$(tools/ensure_chromium.sh) && export CHROMIUM OMP_NUM_THREADS=1 && $(BIN)/pytest -n 2 --dist worksteal --durations 10 $(ARGS)

prove: $(VENV)/.test $(VENV)/.bench
	@KELISIM_EXAMPLES=700 $(BIN)/pytest -n 2 --dist worksteal tests/properties tests/case/test_seeded.py tests/engine/test_estimates.py
	@$(BIN)/python -m tests.fuzz
	@failed=; for one in $(PROVED); do echo "bench.$$one ..."; $(BIN)/python -m bench.$$one || failed="$$failed $$one"; done; \
		[ -z "$$failed" ] || { echo "not as promised:$$failed"; exit 1; }
	@$(BIN)/python -m bench $(ARGS)

docs: $(VENV)/.runtime
	@$(BIN)/python -m tools.docs

clean:
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

first-sentences: $(VENV)/.runtime
	@$(BIN)/python -m tools.first_sentences

TARGET_bench := prove
TARGET_web := serve

# One stamp for each set of packages: a change of a pin installs again, nothing else does.
$(VENV)/.runtime: $(PINS) tools/make_venv.sh
	@tools/make_venv.sh $(VENV)
	@echo 'Installing kelisim into $(VENV), once; about a minute ...'
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.test $(VENV)/.bench $(VENV)/.web: $(VENV)/.%: $(VENV)/.runtime
	@echo 'Installing what "make $(or $(TARGET_$*),$*)" needs on top, once ...'
	@$(PIP) install -c constraints.txt -e '.[$*]'
	@touch $@
