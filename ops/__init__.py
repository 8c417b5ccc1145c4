"""Entry points and all that runs, watches or audits the hub."""
