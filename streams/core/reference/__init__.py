"""Reference data, pure: what was loaded, as versions; what of it is in force at a moment; questions to that.

`Reference` is the fold of every load, `Reference.in_force(now)` an `InForce`, which the other modules ask.
"""

from streams.core.reference.in_force import InForce
from streams.core.reference.instead import instead
from streams.core.reference.loads import KINDS, BadLoad, Loaded, whole_loads
from streams.core.reference.versions import EMPTY, NotReadYet, Reference

__all__ = ["EMPTY", "KINDS", "BadLoad", "InForce", "Loaded", "NotReadYet", "Reference", "instead", "whole_loads"]
