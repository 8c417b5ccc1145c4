"""Clocks: notices silence. Folds facts, and says that time has passed when something falls due and nothing came."""
