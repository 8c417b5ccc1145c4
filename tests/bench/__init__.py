"""Benchmarks: `python -m tests.bench [rows…]`. Figures go to build/bench.json; the README's come from there."""
