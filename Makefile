# One verb each. `make app` and `make test` first install whatever is missing, and are quick after that.
#
#   make app      set up, then serve the app on http://127.0.0.1:7860   (ARGS="--port 7861" to change)
#   make test     set up, then run every test                           (ARGS="-k name" to choose)
#   make check    lint, format check, types, import directions, scripts of the page
#   make fix      let ruff and biome repair and format what they can
#   make bench    run the benchmarks; each prints JSON lines            (MUSIC=folder SHARDS=folder for more)
#   make reproduce MUSIC=folder   shards, training, measured checkpoint (OUT, GROUPS, ROWS, STEPS or MINUTES to change)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
ARGS ?=
MUSIC ?=
SHARDS ?=
OUT ?= reproduced
GROUPS ?= $(wildcard $(MUSIC)/groups.tsv)
STEPS ?= 23780
ROWS ?= 16
MINUTES ?=

# torch goes in first and by name, so that pip settles on this one build before anything asks for a range.
TORCH := $(shell sed -n 's/^\(torch==[^ ;]*\).*/\1/p' requirements.txt)

.PHONY: app test check fix bench reproduce setup setup-dev

app: setup
	$(BIN)/python app.py $(ARGS)

test: setup-dev node_modules/stamp
	@sh tools/system_packages.sh browser
	npm test --silent
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup-dev node_modules/stamp
	@find ui -name "*.pyi" -delete  # of Gradio, where it was imported without ui; mypy would read them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run check --silent

fix: setup-dev node_modules/stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm run fix --silent

# What brings its own music first; then, where a folder is named, what needs yours.
bench: setup
	for name in compose decode duplicates encode prepare render startup; do \
		$(BIN)/python -m benchmarks.$$name || exit 1; \
	done
	if [ -n "$(MUSIC)" ]; then $(BIN)/python -m benchmarks.block_share "$(MUSIC)"; fi
	if [ -n "$(SHARDS)" ]; then for name in loader ddp training; do \
		$(BIN)/python -m benchmarks.$$name "$(SHARDS)" || exit 1; \
	done; fi

# From music to a checkpoint like the shipped one; docs/data.md says where the music comes from. What
# was stopped goes on with the same command.
reproduce: setup
	@test -n "$(MUSIC)" || { echo "Say where the music is: make reproduce MUSIC=folder" >&2; exit 1; }
	$(BIN)/python -m meloformer prepare "$(MUSIC)" --out "$(OUT)/shards" $(if $(GROUPS),--groups "$(GROUPS)")
	$(BIN)/python -m meloformer train --shards "$(OUT)/shards" --run "$(OUT)/run" --name meloformer-small \
		--size small --context-tokens 4096 --rows $(ROWS) --fill 0.3 --ema 0.999 --precision bf16 \
		$(if $(MINUTES),--minutes $(MINUTES),--steps $(STEPS))
	$(BIN)/python -m meloformer.evaluation.report --shards "$(OUT)/shards" --out "$(OUT)/meloformer-small" --half \
		--checkpoint "$$(ls -d "$(OUT)"/run/checkpoints/step-* | tail -n 1)"

setup: $(VENV)/app.stamp
	@sh tools/system_packages.sh sound

setup-dev: setup $(VENV)/dev.stamp

# The version is checked before anything is installed: pip's own message for a wrong one is a wall of text.
$(VENV)/venv.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "MeloFormer needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Try: make app PYTHON=python3.12" >&2; \
		exit 1; }
	@PYTHON="$(PYTHON)" sh tools/system_packages.sh venv
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/app.stamp: $(VENV)/venv.stamp requirements.txt pyproject.toml
	$(PIP) install $(TORCH)
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -e .
	@echo "Compiling what writes bars, which takes up to a minute ..."
	@$(BIN)/python -c "import meloformer; meloformer.load().network.warm_up()"
	@touch $@

$(VENV)/dev.stamp: $(VENV)/app.stamp requirements-dev.txt
	$(PIP) install -r requirements-dev.txt
	@touch $@

# For checks and tests of the page's scripts only; the app needs no Node.
node_modules/stamp: package.json package-lock.json
	@sh tools/system_packages.sh node
	npm ci --silent
	@touch $@
