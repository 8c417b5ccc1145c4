"""Places played over the wires: departments are programs of their own, reachable only through their protocols."""
