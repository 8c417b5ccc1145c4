"""Delivering to departments: every effect once, in the order of its case, whatever fails on the way."""
