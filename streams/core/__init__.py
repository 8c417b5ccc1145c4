"""The rules of the hub, pure: facts in, state out; claim in, facts out. No input, no output, no clock of its own."""
