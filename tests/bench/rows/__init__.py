"""The rows of the benchmark: each takes the stage and the plan, measures, and gives figures."""
