# The front door. Every target is one line of `lakeshift …` or one tool; knobs: ENV= RUN= NAME= FROM= TO= KEY= Q= FILE= ARGS= ROWS= T=.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/ready
SOURCE := lakeshift common jobs ingest pipelines tests benchmarks tools

.DEFAULT_GOAL := help
.PHONY: help $(shell awk -F: '/^[a-z-]+:.*## / { print $$1 }' $(firstword $(MAKEFILE_LIST)))

##@ Start
setup: $(READY) ## make the environment and fetch what is pinned
$(READY): requirements/runtime.txt requirements/dev.txt setup.cfg lakeshift/jvm/pom.xml $(shell find lakeshift/jvm/src -name '*.java')
	@$(PYTHON) tools/setup_environment.py
	@touch $@

MINISTACK := .venv-ministack/ready
$(MINISTACK): requirements/ministack.txt # the second emulator of the tests, in an environment of its own
	@$(PYTHON) -m venv .venv-ministack && .venv-ministack/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/ministack.txt
	@touch $@

doctor: setup ## check this machine: Python, Java, Maven, jars
	@$(BIN)/lakeshift doctor

##@ Run
run: setup ## the whole pipeline: sources, S3, crawler, Glue jobs, Redshift, answers
	@$(BIN)/lakeshift run

redrive: setup ## go on with a run that failed, from the state where it stood: make redrive [RUN=run-…]
	@$(BIN)/lakeshift redrive $(RUN)

next-day: setup ## let a new day's files and 500 late or corrected records arrive
	@$(BIN)/lakeshift next-day

up: setup ## start the local AWS on 127.0.0.1:4566
	@$(BIN)/lakeshift up

down: setup ## stop it; everything stays
	@$(BIN)/lakeshift down

##@ Inspect
status: setup ## what runs, and what it holds
	@$(BIN)/lakeshift status

logs: setup ## what a job run printed: make logs RUN=jr_…
	@$(BIN)/lakeshift logs "$(RUN)"

# USER stands in every environment: only one given to make counts.
sql: setup ## SQL on the local Redshift: make sql Q="select 1" or FILE=sql/redshift/… [DATABASE=dev] [USER=ann]
	@$(BIN)/lakeshift sql $(if $(FILE),-f "$(FILE)",-q "$(subst ",\",$(Q))") $(if $(DATABASE),-d "$(DATABASE)") \
	  $(if $(filter command line,$(origin USER)),-U "$(USER)")

new-job: setup ## a job from templates/job: make new-job NAME=carrier_counts [FROM=db.table] [TO=schema.table] [KEY=column]
	@$(BIN)/lakeshift new-job "$(NAME)" $(if $(FROM),--source "$(FROM)") $(if $(TO),--target "$(TO)") $(if $(KEY),--key "$(KEY)")
	@PYTHONPATH=. $(BIN)/python tools/permissions.py

run-job: setup ## start one run of a job and follow it: make run-job NAME=carrier_counts
	@$(BIN)/lakeshift run-job "$(NAME)"

crawl: setup ## run a crawler, or show what it would do and why: make crawl NAME=raw-zone [DRY=1] [JSON=1]
	@$(BIN)/lakeshift crawl "$(NAME)" $(if $(DRY),--dry) $(if $(JSON),--json)

advance: setup ## let time pass, and print what happened: make advance DAYS=120
	@$(BIN)/lakeshift advance --days $(or $(DAYS),1)

restore: setup ## bring objects back from Glacier: make restore URL=s3://bucket/prefix [DAYS=1] [TIER=Standard]
	@$(BIN)/lakeshift restore "$(URL)" --days $(or $(DAYS),1) --tier $(or $(TIER),Standard)

cost: setup ## what the lake and its runs would cost at list prices
	@$(BIN)/lakeshift cost

aws: setup ## the AWS CLI on the local endpoint: make aws ARGS="glue get-databases"
	@$(BIN)/lakeshift aws $(ARGS)

##@ Trust
test: setup $(MINISTACK) ## all tests, or those of T=path (Spark's on a JVM that stays warm for ten minutes)
ifdef T
	@TEST_SESSION=warm $(BIN)/pytest $(T)
else
	@$(BIN)/python tools/run_tests.py
endif

SAIL := .venv-sail/ready
$(SAIL): requirements/sail.txt # Sail, and Spark Connect's client for it: an environment of its own, without a JVM
	@test -d .venv-sail || $(PYTHON) -m venv .venv-sail
	@.venv-sail/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/sail.txt
	@touch $@

test-fast: $(SAIL) ## the pure transforms' tests within seconds, on Sail; the truth is told by Spark: make test
	@.venv-sail/bin/pytest -q -p no:cacheprovider --confcutdir=tests/spark --session=sail $(or $(T),tests/spark/common)

test-unit: setup $(MINISTACK) ## the tests without Spark and without a pipeline run
	@$(BIN)/pytest -m "not spark and not e2e" $(T)

test-docker: ## the Glue contract inside AWS's own image, where Docker is: see docker/README.md
	@GLUE_IMAGE=$(GLUE_IMAGE) docker compose -f docker/compose.yaml run --rm contract

docker-build: ## the local AWS as an image, where Docker is
	@docker compose -f docker/local-aws.yaml build local-aws

docker-up: ## start it as a container on 127.0.0.1:4566
	@docker compose -f docker/local-aws.yaml up --detach --wait local-aws

docker-job: ## a job of jobs/ in AWS's Glue image beside it: make docker-job JOB=flights_clean
	@JOB="$(JOB)" ARGS="$(ARGS)" GLUE_IMAGE=$(GLUE_IMAGE) docker compose -f docker/local-aws.yaml run --rm job

docker-localstack: ## LocalStack's S3 and Step Functions beside it; needs LOCALSTACK_AUTH_TOKEN
	@docker compose -f docker/localstack.yaml up --detach --wait

docker-down: ## stop the containers; the volumes stay
	@LOCALSTACK_AUTH_TOKEN=none docker compose -f docker/localstack.yaml down --remove-orphans

chaos: setup ## kill a bookmarked job at every named point: make chaos [RUNS=200]
	@$(BIN)/python -m tests.chaos.kill_matrix $(or $(RUNS),200)

faults: setup ## pipeline runs while S3 and the services throttle, fail and cut off: make faults [RUNS=100]
	@$(BIN)/python -m tests.chaos.fault_runs $(or $(RUNS),100)

bench: setup ## claims about speed, as ratios in one run: make bench [BENCH=name] [SCALE=2]
	@$(BIN)/python -m benchmarks.run $(BENCH)

bench-engines: setup ## Polars beside the other engines, in an environment of its own, for `make bench BENCH=engines_beside`
	@test -e .venv-bench/ready || ($(PYTHON) -m venv .venv-bench && .venv-bench/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt && touch .venv-bench/ready)

performance: setup ## make docs/performance.md and its plots from benchmarks/results/*.json, as `make bench` left them
	@PYTHONPATH=. $(BIN)/python tools/performance_page.py
	@PYTHONPATH=. $(BIN)/python tools/sizing.py --page

sizing: setup ## workers, hours and cost on AWS of a day of so many terabytes: make sizing [TB=10] [WORKER=G.2X]
	@PYTHONPATH=. $(BIN)/python tools/sizing.py $(or $(TB),10) --worker $(or $(WORKER),G.1X)

data: setup ## seeded flight events with dirt of known truth, and what they join: make data ROWS=1000000 TO=folder [GZIP=1]
	@$(BIN)/python -m benchmarks.data $(ROWS) "$(TO)" $(if $(GZIP),--gzip)

test-dbt: setup ## dbt-redshift on the local Redshift, in an environment of its own
	@test -e .venv-dbt/ready || ($(PYTHON) -m venv .venv-dbt && .venv-dbt/bin/pip install -q --no-deps --require-hashes -r requirements/dbt.txt && touch .venv-dbt/ready)
	@LAKESHIFT_DBT=.venv-dbt/bin/dbt $(BIN)/pytest -q tests/local/dbt

test-airflow: setup ## the Airflow DAG on the local AWS, in an environment of its own
	@test -e .venv-airflow/ready || ($(PYTHON) -m venv .venv-airflow && .venv-airflow/bin/pip install -q --no-deps --require-hashes -r requirements/airflow.txt && touch .venv-airflow/ready)
	@LAKESHIFT_AIRFLOW=.venv-airflow/bin/airflow $(BIN)/pytest -q tests/e2e/test_airflow.py

redshift-docs: setup ## the documentation's printed SQL results against the local Redshift: make redshift-docs DOCS=file SHOW=wrong
	@PYTHONPATH=. $(BIN)/python tools/redshift_docs.py $(or $(DOCS),../shared/data/redshift_docs.jsonl) $(if $(SHOW),--show $(SHOW))

check: setup ## style, types, imports, sizes: what every commit passes
	@$(BIN)/ruff check $(SOURCE)
	@$(BIN)/ruff format --check $(SOURCE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/module_sizes.py
	@$(BIN)/python tools/fidelity.py --check
	@PYTHONPATH=. $(BIN)/python tools/permissions.py --check
	@PYTHONPATH=. $(BIN)/python tools/performance_page.py --check
	@PYTHONPATH=. $(BIN)/python tools/sizing.py --check

CI := .venv-ci/ready
$(CI): requirements/ci.txt # what reads the CI files and looks for security faults, in an environment of its own
	@$(PYTHON) -m venv .venv-ci && .venv-ci/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/ci.txt
	@touch $@

check-ci: $(CI) ## workflows, pipelines, compose files and the Dockerfile against their schemas and linters
	@.venv-ci/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv-ci/bin/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	@.venv-ci/bin/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	@.venv-ci/bin/check-jsonschema --builtin-schema vendor.compose-spec docker/*.yaml
	@.venv-ci/bin/zizmor --offline --quiet --min-severity medium .github
	@.venv-ci/bin/yamllint -s -d '{extends: relaxed, rules: {line-length: {max: 130}}}' .github .gitlab-ci.yml docker
	@.venv-ci/bin/hadolint docker/*/Dockerfile

audit: $(CI) ## faults of security: in the code, in what is pinned; the list of what is in it (build/sbom.json)
	@.venv-ci/bin/bandit -q -r -ll -c bandit.yaml lakeshift common jobs ingest
	@.venv-ci/bin/pip-audit --progress-spinner off --disable-pip --require-hashes -r requirements/runtime.txt
	@mkdir -p build && .venv-ci/bin/cyclonedx-py requirements requirements/runtime.txt --of JSON -o build/sbom.json

format: setup ## rewrite the sources in the one format
	@$(BIN)/ruff format $(SOURCE)
	@$(BIN)/ruff check --fix $(SOURCE)

fidelity: setup ## make docs/fidelity.md from docs/fidelity/*.yaml
	@$(BIN)/python tools/fidelity.py

permissions: setup ## make infra/identity.yaml and docs/permissions.md from what the definitions declare
	@PYTHONPATH=. $(BIN)/python tools/permissions.py

record-calls: setup ## run the sample's jobs once and keep the calls they make, for the proof of their policies (Linux)
	@PYTHONPATH=.:tools $(BIN)/python tools/record_calls.py

lock: setup ## fix the versions of requirements/*.in with hashes
	@cd requirements && for name in $(or $(NAME),runtime dev); do ../$(BIN)/pip-compile -q --generate-hashes --allow-unsafe \
	  --strip-extras --no-emit-find-links --no-emit-index-url --no-emit-trusted-host -o $$name.txt $$name.in; done

tpc: setup ## AWS's TPC scripts beside DuckDB's answers: make tpc SCRIPTS=<folder>, see tools/tpc.py
	@test -n "$(SCRIPTS)" || { sed -n 3,8p tools/tpc.py; exit 2; }
	@PYTHONPATH=. $(BIN)/python tools/tpc.py "$(SCRIPTS)" $(ARGS)

public-scripts: setup ## public Glue scripts, unmodified, as job runs: make public-scripts SCRIPTS=<folder>, see tools/public_scripts.py
	@test -n "$(SCRIPTS)" || { sed -n 3,7p tools/public_scripts.py; exit 2; }
	@PYTHONPATH=. $(BIN)/python tools/public_scripts.py "$(SCRIPTS)" $(ARGS)

##@ Ship
STAGE = --env $(or $(ENV),local)
plan: setup ## what a deployment would change: make plan ENV=dev [PLAN=plan.json] [JSON=1]; `lakeshift plan` exits with 2
	@$(BIN)/lakeshift plan $(STAGE) $(if $(PLAN),--out "$(PLAN)") $(if $(JSON),--json) $(if $(DATA),--data "$(DATA)")

deploy: setup ## apply every definition: make deploy ENV=dev [PLAN=plan.json] [ACCEPT_DRIFT=yes]
	@$(BIN)/lakeshift deploy $(STAGE) $(if $(PLAN),--plan "$(PLAN)") $(if $(ACCEPT_DRIFT),--accept-drift) $(if $(DATA),--data "$(DATA)")

drift: setup ## what was changed by hand since the last deployment: make drift ENV=dev [JSON=1]
	@$(BIN)/lakeshift drift $(STAGE) $(if $(JSON),--json)

rollback: setup ## deploy an earlier deployment again: make rollback ENV=dev [TO=sha]
	@$(BIN)/lakeshift rollback $(STAGE) $(if $(TO),--to "$(TO)") $(if $(ACCEPT_DRIFT),--accept-drift)

adopt: setup ## take over what was made elsewhere: make adopt ENV=dev NAME=RawBucket,JobRole
	@$(BIN)/lakeshift adopt $(STAGE) --name "$(NAME)"

unlock: setup ## break the lock of a deployment that is dead: make unlock ENV=dev LOCK=id
	@$(BIN)/lakeshift unlock $(STAGE) --lock "$(LOCK)"

export-cfn: setup ## a stage as a CloudFormation template: make export-cfn ENV=prod OUT=template.json
	@$(BIN)/lakeshift export-cfn $(STAGE) $(if $(OUT),--out "$(OUT)")

destroy: setup ## delete a stage; data only where it is named: make destroy ENV=dev CONFIRM=dev [DATA=RawBucket|yes]
	@$(BIN)/lakeshift destroy $(STAGE) $(if $(DATA),--data "$(DATA)") $(if $(CONFIRM),--confirm "$(CONFIRM)")
ci-plan: setup ## for CI: a stage's plan as build/plan.json and build/plan.txt; fails where there is none: make ci-plan ENV=dev
	@mkdir -p build && rm -f build/plan.json
	@$(BIN)/lakeshift plan --env $(ENV) --out build/plan.json > build/plan.txt; code=$$?; cat build/plan.txt; test $$code -eq 0 -o $$code -eq 2

ci-comment: ## for CI: build/plan.txt as a comment of a pull request, by GitHub's CLI: make ci-comment PR=12
	@{ echo "What a merge would change on the stage dev:"; echo; echo '```'; cat build/plan.txt; echo '```'; } > build/comment.md
	@gh pr comment "$(PR)" --body-file build/comment.md --edit-last --create-if-none

clean: setup ## stop, and delete everything the local AWS holds
	@$(BIN)/lakeshift clean

help:
	@awk 'BEGIN { FS = ":.*## "; print "Lakeshift: Glue jobs and a local AWS that runs the whole pipeline for real" } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
