# make run    trains a population on handwritten digits and shows it live
# make test   runs every test, Swift and Python, with format and lint; scripts/strain.sh does that on
#             a machine that is busy, has one processor, or a slow disk
# make soak   compares our rule with others under sixty seeds, and the table of docs/method.md with what
#             comes of each strategy, for some minutes, trains the digits with ten seeds, for half an
#             hour, breaks what can break, at random, for a quarter of an hour, and rehearses sixty-four
#             hosts that share a disk, for another one (SOAK_MINUTES=…), and generates the Swift code of
#             the wire again
# make fuzz   feeds what reads bytes of others with hostile ones, for half an hour (FUZZ_MINUTES=…)
# make sanitize  runs the tests under AddressSanitizer and ThreadSanitizer (half an hour)
# make bench  measures what it costs on this machine (docs/benchmarks.md; BENCH="--only many …")
# make bench-check  counts what does not depend on the machine (UPDATE=--update writes the counts)
# make wheels builds the wheels of the Python client and of the program, in dist/
# make test-wheels  builds them, and tries them as somebody who has no Swift would
# make test-ray   runs the tests on a Ray cluster of this machine, some minutes; Ray is fetched for it
# make install  installs the command, its manual pages and completions (PREFIX=/usr/local)
# make docs   builds the documentation as a site, in site/
# make proto  regenerates the wire's code from proto/
# make format writes the code in our format

.PHONY: run test soak fuzz sanitize bench bench-check lint build setup docs wheels test-wheels test-ray install proto format

run:
	@scripts/run.sh

test:
	scripts/test.sh

soak: build
	scripts/build.sh tests
	MURMURATION_SOAK=1 .venv/bin/python scripts/swift_tests.py --filter 'RuleComparisonTests|StrategyTableTests'
	.venv/bin/pytest -m soak -v -s Tests/Program
	scripts/proto.sh --check-swift

fuzz: setup
	scripts/fuzz.sh --minutes $${FUZZ_MINUTES:-30}

sanitize: setup
	scripts/sanitize.sh

bench: setup
	scripts/bench.sh $(BENCH)

bench-check: setup
	scripts/bench.sh check $(UPDATE)

lint: setup
	scripts/lint.sh

build: setup
	scripts/build.sh

setup:
	@scripts/setup.sh

wheels:
	scripts/wheels.sh

test-wheels: setup wheels
	.venv/bin/pytest -v Tests/Wheels

test-ray: build
	scripts/ray.sh

install:
	scripts/install.sh $(DESTDIR)$(or $(PREFIX),/usr/local)

docs: build
	scripts/docs.sh

proto: setup
	scripts/proto.sh

format: setup
	find Package.swift Sources Tests Fuzzing Benchmarks -name '*.swift' ! -path '*/Generated/*' -print0 \
	    | xargs -0 swift format --in-place --parallel
	.venv/bin/ruff format --config python/pyproject.toml python Tests/Program Tests/Ray Tests/Wheels packaging Examples Benchmarks scripts
	.venv/bin/ruff check --fix --config python/pyproject.toml python Tests/Program Tests/Ray Tests/Wheels packaging Examples Benchmarks scripts
	find Sources/Web/Page -name '*.js' -print0 | xargs -0 .venv/bin/clang-format -i
