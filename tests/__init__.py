"""The tests, in tiers by folder.

unit, laws and contract need no servers; integration, browser and faults run real ones; bench prints figures.
"""
