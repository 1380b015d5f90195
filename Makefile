# Courtside: `make` lists the commands.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv || echo $(BIN)/uv)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUNBUFFERED := 1

.PHONY: help repro test lint format params ui figures weights lock clean

help: ## list the commands
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{ printf "make %-9s %s\n", $$1, $$2 }'

.venv: ## install the environment, nothing else
.venv: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON) here; install Python 3.11 or later, or say make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11; say make PYTHON=python3.11"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || [ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --editable .
	@touch $@

repro: $(VENV)/.installed ## run the pipeline, then say where the report is
	dvc repro
	@echo "report: $(CURDIR)/reports/index.html"

test: $(VENV)/.installed ## run the whole test suite
	ruff check .
	ruff format --check .
	mypy
	pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder

lint: $(VENV)/.installed ## run ruff and mypy
	ruff check .
	ruff format --check .
	mypy

format: $(VENV)/.installed ## format the code
	ruff check --fix .
	ruff format .

params: $(VENV)/.installed ## compose params.yaml from conf/ (EXPERIMENT=name chooses one)
	python -m courtside.apps.params $(if $(EXPERIMENT),experiment=$(EXPERIMENT))

ui: $(VENV)/.installed ## show the runs in MLflow
	mlflow ui --backend-store-uri sqlite:///mlflow.db

figures: $(VENV)/.installed ## write the figures of the last run into docs/sample_run.md
	python -m courtside.apps.figures docs/sample_run.md

weights: $(VENV)/.installed ## make data/weights/yolov8n_drawn.pt again (about three hours on two cores)
	python -m courtside.apps.pretrain --games 110 --epochs 5 --output .courtside/first.pt
	python -m courtside.apps.pretrain --initial .courtside/first.pt --first-seed 300000 --games 140 --frames 20 \
		--window 320 --epochs 5 --batch 32 --output .courtside/second.pt
	python -m courtside.apps.pretrain --initial .courtside/second.pt --first-seed 500000 --games 110 --frames 22 \
		--window 320 --epochs 5 --batch 32 --lr0 0.0012 --output data/weights/yolov8n_drawn.pt

lock: $(VENV)/.installed ## resolve the dependencies again
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --extra collect --extra review --extra openvino --extra tune --group dev -o requirements.lock

clean: ## remove what the pipeline made (not your videos, labels or runs)
	rm -rf .courtside multirun data/sample data/extract data/clean data/annotate data/split data/classify data/dataset data/train data/detect data/embeddings data/label data/audit data/ensemble data/champion data/evaluate data/observe data/track reports/*/ reports/index.html
