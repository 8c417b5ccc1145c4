"""Indicators: rates by versioned definitions over the tables of the views, each figure down to its cases."""
