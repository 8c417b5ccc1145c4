"""The fold of facts into the row of a case, a room for each part of the loop. Each has a table EVOLVE: fact → function.

A function never raises and hardly branches; who is not there is not changed.
"""
