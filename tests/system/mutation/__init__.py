"""Whether the tests notice a fault in the code: small faults are put in, one at a time, and the tests are run.

`python -m tests.system.mutation` runs mutmut and writes results.json. Not here: faults of the
machine or of a process (`tests.system.faults`), faults in the data (`tests.integration.bad_input`).
"""
