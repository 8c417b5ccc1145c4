"""What works on the facts: pure rules, the engine, one package for each processor."""
