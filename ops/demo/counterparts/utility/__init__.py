"""A company with its own work orders: takes them over REST, works on them, answers by signed call-backs.

It knows nothing of the hub but a URL, a token and a secret. How it behaves is a file (../companies/*.toml); what goes
wrong it is told over its control port.
"""
