"""An urban management department 城管: it works orders from exchange tables, or from pushes to its platform.

It shares nothing with the hub: its own process, its own book, its own idea of how tables and signatures look.
"""
