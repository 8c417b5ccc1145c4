"""Casework: the one writer of facts. Reads claims, decides them, writes facts in fenced transactions."""
