"""Views: facts folded into PostgreSQL, for people and programs that ask."""
