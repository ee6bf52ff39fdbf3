# The project's commands. `make` alone lists them.
# Settings come from the environment or from .env: PORT, DATA_DIR, SITE_URL … (README.md has the table).

PYTHON := .venv/bin/python
# Words for pytest: make test TESTS="tests/api -k upload"
TESTS ?=
# Bytecode is kept whatever the environment says: a run starts many processes.
# One worker more than processors: some wait for a site, a browser or a killed process while others compute.
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n + 1 : 5)))
# The tests marked slow run in CI, and by make test SLOW=1.
SLOW ?= $(CI)

# With no site of its own running, the checks look at the settings of a site as it should be deployed.
DEPLOYED := DATA_DIR=$(CURDIR)/.venv/check SITE_URL=https://pictures.example.org

.DEFAULT_GOAL := help
.PHONY: help run test check audit lock messages bench abuse screenshots

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: ## Set up what is missing, then serve the site with its worker and scheduler
	@sh scripts/python.sh run
	@sh scripts/packages.sh run
	@exec $(PYTHON) manage.py serve

test: ## Set up what is missing, then run the checks and the suite (SLOW=1: the slow tests too)
	@sh scripts/python.sh dev
	@sh scripts/packages.sh test
	@sh scripts/clients.sh
	@$(if $(SLOW),sh scripts/suites.sh)
	@$(MAKE) --no-print-directory check
	PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 20 $(if $(SLOW),,-m "not slow") $(TESTS)

check: ## Style, spelling, types, imports between packages, migrations, deployment
	@sh scripts/python.sh dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/codespell
	find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	@sh scripts/lint.sh
	$(PYTHON) -m mypy processing accounts hosting server config scripts bench
	.venv/bin/lint-imports
	$(DEPLOYED) $(PYTHON) manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(PYTHON) manage.py check --deploy --fail-level WARNING

audit: ## Look for known holes in what is locked, and write an SBOM (.venv/sbom.json)
	@sh scripts/python.sh dev
	@sh scripts/audit.sh

lock: ## Write requirements/*.txt from pyproject.toml
	@sh scripts/python.sh dev
	@sh scripts/lock.sh

messages: ## Collect the texts that people read into locale/, and compile their translations
	@sh scripts/python.sh dev
	@$(PYTHON) -m scripts.messages

bench: ## Measure speed, memory and bytes, beside plain Pillow, sharp and thumbor
	@sh scripts/python.sh dev
	@sh scripts/packages.sh test
	@sh scripts/peers.sh
	@exec $(PYTHON) -m bench

abuse: ## Attack sites on 127.0.0.1, within bounds, and measure what visitors notice
	@sh scripts/python.sh dev
	@sh scripts/packages.sh test
	@exec $(PYTHON) -m bench.abuse

screenshots: ## Take pictures of every page (in screenshots/); PHOTOS=folder gives it photos
	@sh scripts/python.sh dev
	@sh scripts/packages.sh test
	@exec $(PYTHON) -m bench.screenshots
