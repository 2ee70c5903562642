# `make demo` shows what homeport does, `make test` proves it. Both set up all that they need.
SHELL := /bin/sh
export PATH := $(CURDIR)/.venv/bin:$(PATH)
LAB := inventories/lab.py

.PHONY: help setup demo docs test check audit unit fuzz faults hardening kills interleavings spec-faults power-cuts mutants e2e logins first-boot molecule bench bench-quick bench-load lab-up lab-down

help:
	@echo "make demo      three real hosts: deploy to them, prove it, deploy again"
	@echo "make test      static checks, unit tests, and end-to-end tests on real hosts"
	@echo "make logins    every end-to-end test as root, and by a sudo that asks for a password"
	@echo "make molecule  the scenarios of Molecule, each on hosts of its own"
	@echo "make bench     homeport beside its peers: 40 minutes, and docs/performance.md"
	@echo "make audit     known vulnerabilities of all that is locked, as of today"
	@echo "make setup     .venv and the sample's secret: all that a laptop needs"
	@echo "make lab-up    the hosts alone;  make lab-down  ends them"

.venv/ready: requirements.lock requirements-dev.lock
	@tools/venv.sh

# The sample's secret: made once, readable by you alone, and never part of the repository.
secrets/pinboard-token:
	@umask 077; mkdir -p secrets; od -An -N16 -tx1 /dev/urandom | tr -d ' \n' > $@

setup: .venv/ready secrets/pinboard-token

lab-up: setup
	@python -m lab up

lab-down: .venv/ready
	@python -m lab down

demo: lab-up
	@tools/demo.sh

# The reports of the two runs, which say how long each test took.
UNIT := .pytest_cache/unit.xml
E2E := .pytest_cache/e2e.xml

test: check unit e2e
	@python tools/slowest.py $(UNIT) $(E2E)

check: .venv/ready
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-logo
	python -m tools.audit.check

# Asks a service for known vulnerabilities of all that is locked; `make check` holds the answer to
# the ids that are accepted, wherever it runs.
audit: .venv/ready
	python -m tools.audit

unit: .venv/ready
	pytest -q -ra -n auto --junitxml=$(UNIT) tests/unit tests/golden --cov --cov-report=term:skip-covered --cov-fail-under=90

# What is made from the description and from the schema: a unit test says when it is due.
docs: .venv/ready
	python -m tools.docgen.pages

# Ten minutes: what `make unit` tries on a few hundred documents and answers of hosts, on thousands.
fuzz: .venv/ready
	HOMEPORT_FUZZ=5000 pytest -q -ra tests/unit/scenarios/test_any_document.py \
	  tests/unit/scenarios/test_any_input.py tests/unit/scenarios/test_hostile_answers.py

# Ten minutes: power that is cut at every write of deploys and rollbacks, and the page about it.
faults: .venv/ready
	python -m tests.faults
	python -m tools.docgen.pages

# An hour and more on a host of the lab: SIGKILL at every boundary of deploys and rollbacks, under load.
# CASES='--cases 10' plays so many, CASES='--case "NAME"' one of them again.
CASES :=
kills: .venv/ready
	HOMEPORT_LAB=kills python -m tests.faults.kills $(CASES)
	python -m tools.docgen.pages

# Twenty minutes: every order of the steps of two that are at work on one host; `make unit` tries a sample.
interleavings: .venv/ready
	HOMEPORT_ALL_ORDERS=1 pytest -q -ra -n 2 tests/unit/scenarios/test_two_controllers.py

# Half an hour: real hosts are damaged in every way that a spec guards, and each spec has to see it.
spec-faults: .venv/ready secrets/pinboard-token
	python -m tests.spec_faults
	python -m tools.docgen.pages

# Three hours: power that is cut in a full machine under emulation, and the page about it. It takes
# root, and goes on with the cuts that are left: MINUTES=30 has it begin no more after half an hour.
MINUTES := 180
power-cuts: .venv/ready
	nice -n 5 python -m tests.faults.machine --minutes $(MINUTES)
	python -m tools.docgen.pages

# Five minutes on real hosts: what lynis and ssh-audit say before and after a bootstrap, and the page.
hardening: .venv/ready
	python -m tests.hardening
	python -m tools.docgen.pages

# Five minutes: fifty faults, each of which a unit test has to find.
mutants: .venv/ready
	python -m tools.mutants

e2e: .venv/ready secrets/pinboard-token
	HOMEPORT_LAB=test pytest -ra -n 3 --dist loadfile --junitxml=$(E2E) \
	  tests/e2e/laptop tests/e2e/lab

# Forty minutes: every promise on hosts that are entered as root, and as a user whose sudo asks.
logins: .venv/ready secrets/pinboard-token
	for login in root asks; do \
	  HOMEPORT_LAB=test HOMEPORT_LAB_LOGIN=$$login pytest -ra -n 3 --dist loadfile \
	    tests/e2e/lab || exit 1; \
	done

# Three minutes: a deploy beside the real cloud-init, apt-daily and unattended upgrades.
first-boot: .venv/ready
	HOMEPORT_LAB=test-boot pytest -ra tests/e2e/first_boot

molecule: .venv/ready
	molecule test --all

# Forty minutes on real hosts: all figures of docs/performance.md.
bench: setup
	@python -m benchmarks

# Two minutes: no-ops of one host.
bench-quick: setup
	@python -m benchmarks --quick

# More than an hour: requests that fail while releases are switched, and all else that users notice.
bench-load: setup
	@python -m benchmarks.load
