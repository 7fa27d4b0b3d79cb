# A thin front over the CMake presets; CMakePresets.json says what each one is.
.PHONY: demo test build soak bench lint fuzz install deps test-deps clean sanitized tsan
BUILD = cmake --preset $(1) > build/$(1).configure.log 2>&1 || { cat build/$(1).configure.log; exit 1; }; cmake --build --preset $(1)

demo: build            ## build, and run the main job on the recorded estate and on this machine's Docker
	@scripts/demo build/release/firebreak

build: deps            ## leaves build/release/firebreak
	@mkdir -p build && $(call BUILD,release) --target firebreak

test: deps test-deps   ## all tests; those whose server is missing are skipped and listed
	@mkdir -p build && $(call BUILD,dev)
	@scripts/run-tests dev

sanitized: deps         ## the unit tests and fuzz corpora again, under ASan and UBSan
	@mkdir -p build && $(call BUILD,asan)
	@scripts/run-tests asan -L 'unit|fuzz'

tsan: deps              ## the tests of what runs in threads, under TSan
	@mkdir -p build && $(call BUILD,tsan) --target io_test collect_test
	@scripts/run-tests tsan -R '^(io|collect)\.'

SEEDS ?= 1:300
soak: deps test-deps   ## SEEDS=FIRST:LAST random estates (default 1:300): what is predicted against what happens
	@mkdir -p build && $(call BUILD,release) --target firebreak probe_estate
	@FIREBREAK=build/release/firebreak FIREBREAK_BUILD=build/release FIREBREAK_SEEDS=$(SEEDS) python3 tests/run.py tests/estates/test_random_estates.py

bench: deps            ## ratios against a baseline in the same run
	@mkdir -p build && $(call BUILD,release)
	@scripts/bench build/release

lint:                  ## formatting, clang-tidy, layers
	@scripts/lint

fuzz:                  ## FUZZ_SECONDS (default 30) for every target
	@mkdir -p build && $(call BUILD,fuzz) --target fuzzers
	@scripts/fuzz build/fuzz

install: build         ## PREFIX (default /usr/local), DESTDIR
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

deps:
	@scripts/install-deps build

test-deps:
	@scripts/install-deps test

clean:
	rm -rf build
