# linli: the commands of the house. `make run` and `make test` are all a new machine needs.
SHELL := /bin/bash
export CGO_ENABLED := 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
UI_SOURCES := $(shell find ui/src ui/sw ui/public ui/*.html ui/package-lock.json -type f 2>/dev/null)

.PHONY: run build ui test check e2e shots bench-dispatch postgres browser clean

run: build ## build the web and the binary, start the living neighborhood
	./bin/linli demo

build: $(if $(filter off,$(UI)),,ui/dist/console.html) ## bin/linli and bin/linlibench
	go build -trimpath -ldflags "$(LDFLAGS)" -o bin/linli ./cmd/linli
	go build -trimpath -ldflags "$(LDFLAGS)" -o bin/linlibench ./cmd/linlibench

ui: ui/dist/console.html ## check and build the web

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund

ui/dist/console.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run gen && npm run check && npm run build

check: ## format, vet, import rules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

postgres: ; @engine/db/dbtest/postgres.sh start >/dev/null
browser: ; @sh ui/tools/browser.sh

test: postgres browser check build ## everything on SQLite and on PostgreSQL, the web's own tests, the walks in a browser
	./test/run.sh

e2e: build browser ; cd ui && npm run --silent e2e ## only the walks in a real browser
shots: build browser ; cd ui && node tools/shots.mjs

# DISPATCH_DATA=DIR INSTANCES="FILE|DIR ..." N=30 SECONDS=10 SEED=1 OUT=FILE
DISPATCH_DATA ?= ../shared/data/dispatch
bench-dispatch: ## our routes beside those of OR-Tools, PyVRP and VROOM (test/compare)
	go build -trimpath -ldflags "$(LDFLAGS)" -o bin/linlibench ./cmd/linlibench
	DISPATCH_DATA=$(DISPATCH_DATA) python3 -m unittest discover -v -s test/compare
	python3 test/compare/run.py --data $(DISPATCH_DATA) --seconds $(or $(SECONDS),10) --seed $(or $(SEED),1) \
		$(if $(INSTANCES),--instances $(INSTANCES)) $(if $(N),--n $(N)) $(if $(OUT),--out $(OUT))

clean: ; rm -rf bin ui/dist/* && touch ui/dist/.keep
