# Leerkring. `make run` serves the demo, `make test` runs all tests; both set up
# what they need. The others are for working on it.

SHELL := /bin/bash
GO    ?= go
BENCH ?= short
TOOL   = $(GO) tool -modfile=tools/go.mod

FRONTEND_SOURCES := $(shell find frontend -name node_modules -prune -o -path frontend/assets/dist -prune -o \
	\( -name '*.ts' -o -name '*.css' -o -name '*.mjs' -o -name '*.svg' -o -name '*.templ' -o -name 'icon.go' -o -name 'package*.json' \) -print)

.PHONY: run build test check bench soak race screenshots frontend clean help

help: ## list what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s'|'

run: build ## serve the demo on http://127.0.0.1:8080
	@LEERKRING_DATA=$${LEERKRING_DATA:-./data/demo} ./bin/leerkring serve --demo

build: frontend ## build bin/leerkring, front end included
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/leerkring ./cmd/leerkring

frontend: frontend/assets/dist/manifest.json ## build the front end

frontend/assets/dist/manifest.json: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	@command -v node >/dev/null || { echo "Node.js 20 or newer is needed to build the front end: https://nodejs.org"; exit 1; }
	cd frontend && node build.mjs

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: frontend ## run all tests, on SQLite and PostgreSQL, in memory and over Redis, in a browser
	tools/test/with-services $(GO) test -timeout 20m $(TESTFLAGS) ./...
	cd frontend && npm test --silent

check: frontend ## everything that can be seen without running: format, vet, staticcheck, generated code, types
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) tool templ generate
	@git diff --exit-code --stat -- '*_templ.go' || { echo "generated code is not up to date: commit it"; exit 1; }
	$(GO) mod tidy -diff
	cd frontend && npm run check --silent

bench: frontend ## measure beside bare baselines in the same run, into bin/bench.md (BENCH=full: the long form)
	@tools/test/install postgresql redis-server
	@mkdir -p bin
	CGO_ENABLED=0 GOFLAGS=-trimpath $(GO) build -o bin/bench ./internal/bench/run
	@set -o pipefail; CGO_ENABLED=0 GOFLAGS=-trimpath bin/bench -form $(BENCH) $(BENCHFLAGS) | tee bin/bench.md

soak: frontend ## the long form of the fault tests: SOAK (60m), KILLS (100)
	SOAK=$${SOAK:-60m} KILLS=$${KILLS:-100} tools/test/with-services $(GO) test -timeout 4h -count 1 -run 'Killed|Soak' -v ./cmd/leerkring
	SOAK=$${SOAK:-60m} tools/test/with-services $(GO) test -timeout 1h -count 1 -run 'Redis|Message|Access|Space|Nobody|Slow|Storm|Rolling|Everything' -v ./internal/app ./hub

race: frontend ## run the tests with the race detector
	tools/test/with-services $(GO) test -race -timeout 40m $(TESTFLAGS) ./...

screenshots: frontend ## take pictures of all pages into screenshots/
	@mkdir -p screenshots
	SCREENSHOTS=$(CURDIR)/screenshots $(GO) test -count 1 -timeout 30m -run Screenshots ./frontend

clean: ## delete what was built
	rm -rf bin frontend/node_modules screenshots
	find frontend/assets/dist -mindepth 1 ! -name .gitkeep -delete
