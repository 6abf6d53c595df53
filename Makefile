# Assay. 'make' or 'make help' lists the targets.

# The NVIDIA headers declare what they deprecate; the rest of the line is Go's own default.
export CGO_CFLAGS := -Wno-deprecated-declarations -O2 -g
export CGO_ENABLED := 1

BUILD    := $(CURDIR)/build
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT   := $(shell git rev-parse HEAD 2>/dev/null)
SDK      := github.com/cosmos/cosmos-sdk/version
LDFLAGS  := -X $(SDK).Name=assay -X $(SDK).AppName=assayd -X $(SDK).Version=$(VERSION) -X $(SDK).Commit=$(COMMIT)
GO       := go
PACKAGES := ./...

.DEFAULT_GOAL := help
.PHONY: help build install demo test explore lint proto proto-check crash bench sim sim-long flat assignments flood mutate fuzz arm64 acceptance-spine acceptance-economy acceptance-proof acceptance-matching simulate-network clean check-tools

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check-tools:
	@command -v $(GO) >/dev/null || { echo "Go is missing: install Go 1.26.8 or later (https://go.dev/dl)"; exit 1; }
	@command -v $${CC:-cc} >/dev/null || { echo "a C compiler is missing: install gcc or clang (Debian: apt install gcc)"; exit 1; }

build: check-tools ## build assayd, assay-worker and assay-gpu into build/
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BUILD)/ ./cmd/...

install: check-tools ## install assayd, assay-worker and assay-gpu into GOBIN
	$(GO) install -ldflags '$(LDFLAGS)' ./cmd/...

demo: build ## run a network and tell the story of jobs, a rental, rewards and a vote on it; KEEP=1 leaves the network running
	$(GO) run ./scripts/demo -bin $(BUILD) $(if $(KEEP),-keep)

# Tests that draw their inputs begin from the same seed each time, so that what passed once passes again; 'make explore' looks further.
SEED := 1
test: check-tools ## run the tests; ARGS=-count=1 keeps no results, and no logs of what they read, which take hundreds of megabytes; SEED=0 draws other inputs
	@all=$$($(GO) list $(PACKAGES)) && drawn=$$(echo "$$all" | grep -xF "$$($(DRAWN))"); \
	others=$$(echo "$$all" | grep -vxF "$${drawn:-none}"); status=0; \
	if [ -n "$$others" ]; then $(GO) test -vet=off -timeout 14m $(ARGS) $$others || status=1; fi; \
	if [ -n "$$drawn" ]; then $(GO) test -vet=off -timeout 14m $(ARGS) $$drawn -rapid.seed=$(SEED) || status=1; fi; exit $$status

# The packages whose tests draw inputs.
DRAWN := $(GO) list $$(grep -rl --include='*_test.go' '"pgregory.net/rapid"' app cmd offchain-worker scripts testutil x | xargs -n1 dirname | sort -u | sed 's,^,./,')

CHECKS := 1000
explore: check-tools ## draw CHECKS inputs (default 1000) for each test that draws any, from new seeds; a failure leaves its input in testdata/rapid
	$(GO) test -vet=off -timeout 0 -count=1 $$($(DRAWN)) -rapid.checks=$(CHECKS)

crash: build ## kill a worker at every journalled step of a real network, RUNS times (default 100)
	$(GO) run ./scripts/crash -bin $(BUILD) -runs $(or $(RUNS),100)

acceptance-spine: build ## run every acceptance check of the spine, a line each; takes about an hour; ARGS=-warm skips the cold build
	$(GO) run ./scripts/acceptance $(ARGS)

acceptance-economy: check-tools ## run every acceptance check of the economy, a line each; takes hours; ARGS='-warm -only TEXT' for parts
	$(GO) run ./scripts/acceptance -suite economy $(ARGS)

acceptance-proof: check-tools ## run every acceptance check of proofs, spot checks and kernels that is built, a line each; ARGS='-only TEXT' for parts
	$(GO) run ./scripts/acceptance -suite proof $(ARGS)

acceptance-matching: check-tools ## run every acceptance check of matching that is built, a line each; ARGS='-only TEXT' for parts
	$(GO) run ./scripts/acceptance -suite matching $(ARGS)

lint: check-tools ## vet, format, consensus lint, import rules, documentation and size of the code, generated files
	@test -z "$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go' | grep -v '\.pb\.\(gw\.\)\?go$$'))" || { echo "not formatted:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet $(PACKAGES)
	$(GO) run ./scripts/lint ./...
	$(MAKE) --no-print-directory proto-check

proto: ## generate the Go code of the schemas
	$(GO) run ./scripts/protogen

proto-check: ## fail when generated code is stale
	$(GO) run ./scripts/protogen -check

# Random operations with real proofs, and the SDK's simulator over every module's messages.
SIM_REAL := $(GO) test -vet=off -timeout 0 ./testutil/simulation -run '^TestSimulation$$' -v
SIM_SDK  := $(GO) test -vet=off -timeout 0 ./testutil/simulation/sdksim -run '^TestSimulation$$' -v

sim: check-tools ## random operations from 20 seeds for 200 blocks each, every book checked after every block
	$(SIM_SDK) -seeds 20 -blocks 200
	$(SIM_REAL) -seeds 20 -blocks 200

sim-long: check-tools ## the same from 50 seeds for 500 blocks each; takes hours
	$(SIM_SDK) -seeds 50 -blocks 500
	$(SIM_REAL) -seeds 50 -blocks 500

flat: check-tools ## the cost of a block's end and of a search for devices beside a million jobs, 100,000 devices and accounts; takes 20 minutes of a core, up to 8 GB of memory and a few of disk
	$(GO) test -vet=off -timeout 0 ./testutil/bench -run '^TestEndBlockCostIsFlat$$' -v -ballast 1000000 -light 1000
	$(GO) test -vet=off -timeout 0 ./x/registry/keeper -run 'CostDoesNotGrowWithTheNetwork$$' -v -devices 100000

assignments: check-tools ## 10,000 assignments in one block beside 100,000 devices, against the same beside 1,000; takes some minutes
	$(GO) test -vet=off -timeout 0 ./testutil/bench -run '^TestAssignmentCostIsFlat$$' -v -few 1000 -crowd 100000 -assignments 10000

flood: check-tools ## a thousand invalid proofs a second for five minutes, against the same chain without
	$(GO) test -vet=off -timeout 0 ./testutil/bench -run '^TestFloodOfInvalidProofs$$' -v -flood-rate 1000 -flood-blocks 300

mutate: check-tools ## ten million changed proofs, statements and keys of whole products, and a million of chains, of which none may be accepted; takes an hour or two
	$(GO) test -vet=off -timeout 0 ./x/proofs/full -run '^TestRandomMutations$$' -v -mutations 10000000
	$(GO) test -vet=off -timeout 0 ./x/proofs/full -run '^TestChainRandomMutations$$' -v -mutations 1000000

T := 10m
JOBS := 1
fuzz: check-tools ## run every fuzz target for T (default 10m), JOBS at once (default 1); MATCH=regexp chooses some
	$(GO) run ./scripts/fuzz -time $(T) -jobs $(JOBS) -match '$(MATCH)'

QEMU_ARM64 := qemu-aarch64-static
arm64: ## the same application hash after 500 blocks under an emulated arm64; builds everything for it first
	@command -v $(QEMU_ARM64) >/dev/null || { echo "$(QEMU_ARM64) is missing: install it (Debian: apt install qemu-user-static)"; exit 1; }
	CGO_ENABLED=0 GOARCH=arm64 $(GO) test -vet=off -timeout 0 -exec $(QEMU_ARM64) ./testutil/simulation/sdksim -run '^TestGoldenHash$$' -v -golden 500

# The plots go to build/simulation, the section to BENCHMARKS.md. The figures follow from the flags alone.
simulate-network: check-tools ## matching simulated on 100,000 devices and a day, against other policies; takes minutes; ARGS='--devices 2000' for less
	$(GO) run ./scripts/simulate --document BENCHMARKS.md $(ARGS)

bench: check-tools ## run the benchmarks and write BENCHMARKS.md
	$(GO) run ./scripts/bench

clean: ## remove what was built
	rm -rf $(BUILD)
