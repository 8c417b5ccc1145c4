"""Connectors: what other systems say becomes claims. Transport and translation stay apart; translation is pure."""
