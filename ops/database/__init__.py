"""The database: engines bound to a hub's schema, and its migrations."""

from ops.database.engine import DatabaseProblem, engine
from ops.database.migrate import drop_namespace, migrate

__all__ = ["DatabaseProblem", "drop_namespace", "engine", "migrate"]
