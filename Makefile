.PHONY: run test bench

run:
	./run.sh

test:
	./test.sh

bench:
	./test.sh --collect-only -q tests/test_benchmarks.py
	.venv/bin/python -m benchmarks all --page=docs/performance.md
	.venv/bin/python -m benchmarks all --database=postgresql --page=docs/performance.md
