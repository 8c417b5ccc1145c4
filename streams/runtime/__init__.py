"""Runs processors on Faust: batches, assignment, takeover, readiness. Nothing of Faust is used outside this package."""
