.PHONY: run test bench

run:
	./run.sh

test:
	./test.sh

bench:
	.ci/venv.sh requirements.lock requirements-dev.lock
	.venv/bin/python -m benchmarks all --page=docs/performance.md
	.venv/bin/python -m benchmarks all --database=postgresql --page=docs/performance.md
