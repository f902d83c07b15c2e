# Two commands do everything on a fresh Debian 12 with Swift 6.3: `make demo` and `make test`.
# Both install missing Debian packages first, build in release mode, and are cheap to repeat.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BINARY := .build/release/scriptorium
OUT    ?= out
# What make upgrade begins with: the last release.
FORMER ?= 1647959
PREFIX ?= /usr/local
# Two parallel jobs of the compiler per build: it wants about 2 GB each.
SWIFT_BUILD := swift build -c release --explicit-target-dependency-import-check error

.PHONY: help demo test build setup lint format fuzz hostile scale simulate upgrade chaos kills boundaries sanitize soak clean install

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: build ## Transcribe the bundled speech with the bundled model, and show the result
	@scripts/demo.sh $(BINARY) $(OUT)

test: setup ## Build everything and run all tests
	$(SWIFT_BUILD) --build-tests
	swift test -c release --skip-build

build: setup ## Build the release executable
	$(SWIFT_BUILD) --product scriptorium

setup: ## Install the Debian packages that are missing
	@scripts/setup.sh

lint: ## Check the layout of the Swift sources
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format: ## Mend the layout of the Swift sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

fuzz: setup ## Mutate checkpoints, language models and messages for longer than the tests do
	$(SWIFT_BUILD) --build-tests
	SCRIPTORIUM_FUZZ_RUNS=1000000 swift test -c release --skip-build --filter Fuzz

hostile: setup ## Measure a coordinator among 2,000 idle strangers, and attack it and its page
	$(SWIFT_BUILD) --build-tests
	SCRIPTORIUM_STRANGERS=2000 swift test -c release --skip-build --filter HostilePeer
	SCRIPTORIUM_STRANGERS=2000 swift test -c release --skip-build --filter IdleStranger

scale: setup ## Run a million rows through 1,000 encrypted sessions, with its metrics asked for, and say what the coordinator took
	$(SWIFT_BUILD) --build-tests
	SCRIPTORIUM_SCALE_ROWS=1000000 SCRIPTORIUM_SCALE_SESSIONS=1000 swift test -c release --skip-build --filter ScaleTests

simulate: setup ## Run 10,000 seeds of the cluster simulation
	$(SWIFT_BUILD) --build-tests
	SCRIPTORIUM_SIMULATION_SEEDS=10000 swift test -c release --skip-build --filter Simulation

upgrade: setup ## Upgrade a fleet in mid-job from an earlier release, in both orders (FORMER: program or commit)
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Chaos/upgrade.py $(FORMER)

.PHONY: formats
formats: setup ## Read every exported format with the programs that it is for (installed by pip, below .build)
	$(SWIFT_BUILD) --product scriptorium
	Tests/Formats/check.sh $(BINARY)

chaos: setup ## Kill, freeze, cut and fill disks for long, and compare every output (root for most scenarios)
	$(SWIFT_BUILD) --product scriptorium
	$(SWIFT_BUILD) --product StandInCluster
	Tests/Chaos/chaos.sh

kills: setup ## 100 runs under random kills, freezes and limits, each proved by the independent checker
	$(SWIFT_BUILD) --product scriptorium
	$(SWIFT_BUILD) --product StandInCluster
	python3 Tests/Chaos/processes.py 1-100 --engine standin --jobs 6

boundaries: setup ## Kill a job before and after every write, sync, rename and send; the same bytes each time
	$(SWIFT_BUILD) --product StandInCluster
	python3 Tests/Chaos/boundaries.py

.PHONY: sources
sources: setup ## Fetch from stores that misbehave and from a real one, with kills, and compare the output (some minutes)
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Sources/sources.py --rows 1000 --kills 6
	python3 Tests/Sources/sources.py --store real --rows 300 --kills 4
	python3 Tests/Sources/sources.py --store real --rows 300 --kills 2 --folder
	python3 Tests/Sources/two_hosts.py

.PHONY: tarball
tarball: build ## Pack the program with its libraries and the bundled model, to run wherever it is unpacked
	scripts/make_tarball.sh $(BINARY) $(OUT)/scriptorium.tar.zst

.PHONY: package
package: setup ## Make a Debian package with Swift's runtime in it, an SBOM and checksums, in OUT
	scripts/package/at_one_path.sh $(SWIFT_BUILD) --product scriptorium --static-swift-stdlib --scratch-path .build/static \
	    -Xswiftc -file-prefix-map -Xswiftc /mnt=. -Xcc -ffile-prefix-map=/mnt=.
	scripts/make_package.sh .build/static/release/scriptorium $(OUT)

.PHONY: test-package
test-package: package ## Judge the package, and run it in a bare Debian and as an image (root; fetches a Debian)
	python3 Tests/Package/package.py .build/static/release/scriptorium $(OUT)

.PHONY: test-arm
test-arm: ## Test the kernels in C here, and those of ARM64 in an emulator against them; broken ones must fail (some minutes)
	@scripts/setup.sh qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	scripts/test_kernels.sh

.PHONY: test-docs
test-docs: build ## Execute every block of commands in README.md and cluster/ (root; packages by pip, below .build)
	python3 Tests/Docs/docs.py $(BINARY)

.PHONY: test-slurm
test-slurm: setup ## Run jobs under a real Slurm of three hosts, strike them, and compare (root; a quarter of an hour)
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Slurm/slurm.py

.PHONY: test-systemd
test-systemd: setup ## Judge the units, and run them under a systemd of its own, in namespaces (root)
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Systemd/check.py $(BINARY)

.PHONY: test-ssh
test-ssh: tarball ## Run a job over ssh on two hosts without libraries, of which one dies (root)
	python3 Tests/Ssh/ssh.py $(OUT)/scriptorium.tar.zst

.PHONY: test-kubernetes
test-kubernetes: setup ## Render, validate and judge cluster/kubernetes, and run its pods' commands (packages by pip, below .build)
	$(SWIFT_BUILD) --product scriptorium
	Tests/Kubernetes/check.sh $(BINARY)

.PHONY: dashboard
dashboard: setup ## Look at jobs in a headless Chromium, and let a real Prometheus read one (packages by pip, below .build)
	$(SWIFT_BUILD) --product scriptorium
	Tests/Dashboard/check.sh $(BINARY)

.PHONY: seams
seams: setup ## Plant words on 10,000 seams of long recordings, and count how often they are read
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Seams/seams.py
	python3 Tests/Seams/seams.py --chunk speech --seams 2000

.PHONY: archive
archive: setup ## Plant words in silence, noise, music and two hours of a broadcast; windows around speech lose none
	$(SWIFT_BUILD) --product scriptorium
	python3 Tests/Seams/archive.py

.PHONY: labels
labels: setup ## Measure calibration, selection and self-training on digits (espeak-ng, ffmpeg, torch; SIZE=short: a tenth)
	$(SWIFT_BUILD) --product scriptorium
	scripts/labels/labels.sh $(BINARY) .build/labels$(SIZE:%=-%) $(SIZE)

soak: setup ## Simulate 72 hours of a cluster, then strike a real one for 30 minutes: nothing may leak
	$(SWIFT_BUILD) --build-tests
	SCRIPTORIUM_SIMULATION_HOURS=72 swift test -c release --skip-build --filter LongSimulation
	python3 Tests/Chaos/soak.py

sanitize: setup ## Run the tests of C targets, readers and concurrent code under sanitizers
	scripts/sanitize.sh

install: build ## Copy the executable and the bundled models below PREFIX (default /usr/local)
	install -D $(BINARY) $(DESTDIR)$(PREFIX)/bin/scriptorium
	install -d $(DESTDIR)$(PREFIX)/share/scriptorium/models/digits-en
	install -m 644 models/digits-en/*.json models/digits-en/*.safetensors models/digits-en/README.md \
	    $(DESTDIR)$(PREFIX)/share/scriptorium/models/digits-en
	install -d $(DESTDIR)$(PREFIX)/share/scriptorium/models/silero-vad
	install -m 644 models/silero-vad/*.safetensors models/silero-vad/README.md models/silero-vad/LICENSE \
	    $(DESTDIR)$(PREFIX)/share/scriptorium/models/silero-vad

clean: ## Remove what was built
	rm -rf .build $(OUT)
