"""A town over the wires in a storm: departments as programs of their own, and a judge who compares their books."""
