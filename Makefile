# Everything a contributor runs. CI runs "make check" and nothing else.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  ?= github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
SHFMT       ?= mvdan.cc/sh/v3/cmd/shfmt@v3.14.1
GORELEASER  ?= github.com/goreleaser/goreleaser/v2@v2.14.0
FUZZTIME    ?= 10s
REPO        ?= .
ROWS        ?=
RUNS        ?= 3
N           ?= 1000
REPOS       ?=
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null)

.DEFAULT_GOAL := help

.PHONY: help
help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## build bin/intscan
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o bin/ ./cmd/intscan

.PHONY: test
test: ## run all tests
	$(GO) test ./...

.PHONY: check
check: fmt vet lint race build readme ## all that CI runs

.PHONY: fmt
fmt:
	@unformatted=$$(gofmt -l cmd detect plan scanners fixtures/*.go); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint:
	$(GO) run $(STATICCHECK) ./...
	$(GO) run $(ACTIONLINT)
	sed -n '/^```yaml/,/^```/{/^```/!p;}' .github/docs/github-actions.md | $(GO) run $(ACTIONLINT) -
	$(GO) run $(SHFMT) -i 2 -d .github/action
	$(GO) -C .docker/lint run . ../Dockerfile

.PHONY: race
race:
	$(GO) test -race -timeout 20m ./...

.PHONY: readme
readme: ## run the first of the README's commands as it stands there (make test is the other)
	$(GO) run ./cmd/intscan fixtures/shop > /dev/null

.PHONY: bench
bench: ## a scan of REPO=path beside go/parser, linters and go vet; ROWS=discovery,scan,vet,precommit,memory RUNS=3
	$(GO) run ./plan/bench -repo "$(REPO)" -n $(RUNS) -only "$(ROWS)"

.PHONY: verify-catalog
verify-catalog: ## check every citation, symbol and library fixture of the catalog; downloads the modules
	$(GO) run ./detect/catalog/verify
	$(GO) test ./detect -run TestLibraries -modules

.PHONY: release-check
release-check: ## check the release configuration; builds goreleaser, which takes minutes
	$(GO) run $(GORELEASER) check

.PHONY: fuzz
fuzz: ## fuzz every parser for FUZZTIME each
	@set -e; grep -rl --include='*_test.go' '^func Fuzz' cmd detect plan scanners | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$file"); do \
			echo "$$file $$target"; \
			$(GO) test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) < /dev/null; \
		done; \
	done

.PHONY: mutate
mutate: ## scan N=1000 damaged trees, of the fixtures and of the repositories in REPOS=folder:folder
	$(GO) test ./cmd/intscan -run '^TestMutations$$' -mutations $(N) -repos "$(REPOS)" -timeout 3h

.PHONY: golden
golden: ## rewrite golden files, the JSON Schema, the fixtures' want.json, RULES.md and the pages' output; read the diff
	$(GO) test ./plan/render ./plan/rules ./plan/schema ./plan/config ./cmd/intscan -update

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
