.PHONY: run test bench

run:
	./run.sh

test:
	./test.sh

bench:
	.ci/venv.sh requirements.lock requirements-dev.lock
	.venv/bin/python -m benchmarks all --reminders 1000000 --page=docs/performance.md
	.venv/bin/python -m benchmarks all --reminders 1000000 --database=postgresql --page=docs/performance.md
