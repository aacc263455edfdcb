"""One adapter per solver.

An adapter has SETTINGS, a line that says how the solver is used, and
solve(instance, seconds, seed), which gives the routes as lists of customers
and the cost, in tenths, that the solver itself believes in.
"""
