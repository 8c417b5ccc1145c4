"""Scenarios: a place of the city is played on a simulated clock, in a namespace of its own, on real servers."""
