"""The five places: their reference data, small files that people wrote and larger ones that are made from a seed."""
