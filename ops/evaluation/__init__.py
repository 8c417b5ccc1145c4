"""Evaluation 综合评价: scorecards of departments and grids by versioned weights, frozen by month, down to cases."""
