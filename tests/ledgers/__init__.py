"""Test ledgers: everything from which tests build their tables.

| module | content |
|---|---|
| `seed_files` | the rows of seed files as text: read, write, change one |
| `smallest`, `random`, `small` | a whole ledger: the smallest one, any valid one, a part of the real one |
| `builder`, `fact_rows`, `warrant` | a few rows as frames: of the seeds, of the facts, of one warrant |
| `memory`, `built` | tables built from a ledger: in memory, in a build file |
| `real` | the real seeds, and the facts derived from them |

Files, columns and tables are taken from contracts and steps, never listed here.
"""
