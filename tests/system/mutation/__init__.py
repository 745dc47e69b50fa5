"""Mutation tests: small faults are put into the code, one at a time, and the tests must detect them.

`python -m tests.system.mutation` runs mutmut and writes results.json. Not here: faults of the
machine or of a process (`tests.system.faults`), faults in the data (`tests.integration.bad_input`).
"""
