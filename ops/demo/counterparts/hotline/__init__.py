"""The hotline 12345 with a book of its own: it exports sheets of orders, imports verdicts and answers."""
