# Every target installs what it needs first. `make help` tells what there is.
STACK ?= dev
AGENT ?=
LAYOUT ?=
TAG ?=
CONFIRM ?=
WAIT ?= yes
POLICY_CONFIG ?=
PLUGINS ?= attached
PYTHON ?= python3

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
STAMP := $(VENV)/.installed
RUN := $(PY) -m commands --plugins $(PLUGINS)

# Where a container forbids to keep bytecode, every command would compile the SDKs anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up down preview policy audit refresh recover push env deployer-permissions engine test campaign mutants lint bench lock

help: ## what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/; s/\$$\$$/$$/' | expand -t 28
	@echo
	@echo '  STACK=dev|prod (dev)   AGENT=, LAYOUT=, TAG= for push   CONFIRM=<stack> for down'
	@echo '  POLICY_CONFIG=FILE: levels, settings and exemptions of the policy pack (docs/policies.md)'
	@echo '  WAIT=no: down does not wait for what AgentCore holds of the network for hours'
	@echo '  PLUGINS=attached|pulumi (attached)   our providers, or Pulumi'"'"'s own plugins'

up: $(STAMP) ## deploy STACK on the offline AWS, until its runtimes are READY
	@$(RUN) up --stack $(STACK) --policy-config '$(POLICY_CONFIG)'

down: $(STAMP) ## take STACK down again, and stop the offline AWS when nothing is left
	@$(RUN) down --stack $(STACK) --confirm '$(CONFIRM)' --wait '$(WAIT)'

preview: $(STAMP) ## what `make up` would change
	@$(RUN) preview --stack $(STACK)

policy: $(STAMP) ## judge what `make up` would deploy by the policy pack
	@$(RUN) policy --stack $(STACK) --policy-config '$(POLICY_CONFIG)'

audit: $(STAMP) ## judge what is deployed by the policy pack
	@$(RUN) audit --stack $(STACK) --policy-config '$(POLICY_CONFIG)'

refresh: $(STAMP) ## take what was changed outside Pulumi into the state
	@$(RUN) refresh --stack $(STACK)

recover: $(STAMP) ## settle what an interrupted or failed command on STACK left behind
	@$(RUN) recover --stack $(STACK)

push: $(STAMP) ## put an image (LAYOUT=, or the sample agent) into AGENT's repository and pin it
	@$(RUN) push --stack $(STACK) --agent '$(AGENT)' --layout '$(LAYOUT)' --tag '$(TAG)'

env: $(STAMP) ## shell lines for a plain pulumi and aws: eval "$$(make -s env)"
	@$(RUN) env --stack $(STACK)

deployer-permissions: $(STAMP) ## the IAM documents of whoever previews and deploys STACK
	@$(RUN) deployer-permissions --stack $(STACK)

engine: ## a working Pulumi CLI: the one on PATH, the official one, or built from source
	@$(PYTHON) -m engine

test: $(STAMP) engine ## every test, those on the real engine included
	@$(PY) -m pytest -n 2 --dist worksteal

lint: $(STAMP) ## format, lint, types, and who may import whom
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m pyright
	@PYTHONPATH=policies $(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

campaign: $(STAMP) engine ## kill and disturb a deployment at each of its steps, and compare how it ends
	@$(PY) -m tests.campaign

mutants: $(STAMP) ## change the rules of the policy pack in every small way: a test has to notice
	@PYTHONPATH=policies nice $(PY) -m tests.mutants

bench: $(STAMP) engine ## the figures of the README, measured on this machine
	@$(PY) -m bench

lock: $(STAMP) ## compile requirements.txt and requirements-dev.txt from their .in files
	@for file in requirements requirements-dev; do \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-emit-index-url --custom-compile-command 'make lock' $$file.in -o $$file.txt || exit 1; \
	done

# uv comes from the package index like everything else, pinned with its hashes; it then installs the
# rest in seconds. The stamp is written last, so an interrupted install is done again.
$(STAMP): requirements.txt requirements-dev.txt
	@echo 'Installing the pinned dependencies into $(VENV)' >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'error: Python 3.11 or newer is needed. Name one: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo 'error: $(PYTHON) cannot make a virtual environment. On Debian: apt install python3-venv' >&2; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements-dev.txt
	@touch $(STAMP)
