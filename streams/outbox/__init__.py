"""Outbox: one numbered feed per subscription, a pure fold of facts and of where its versions began to hold."""
