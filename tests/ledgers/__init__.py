"""Made-up ledgers: the one home of what tests build their tables from.

| module | what it makes |
|---|---|
| `seed_files` | the rows of seed files as text: read, write, change one |
| `smallest`, `random`, `small` | a whole ledger: as small as can be, any valid one, cut out of the real one |
| `builder`, `fact_rows`, `warrant` | a few rows as frames: of the seeds, of the facts, of one warrant |
| `memory`, `built` | tables built from a ledger: in memory, in a build file |
| `real` | the real seeds, and the facts that follow from them |

Which files, columns and tables there are is asked of the contracts and of the steps, never repeated here.
"""
