"""The files of one warehouse: the build file, its lock, publishing and reading. The only package that imports duckdb.

The build file is private and rebuildable; the published file is never written in place: publishing copies, checks,
fsyncs and renames.
Not here: the meaning of the tables (the modules of the stages), the content of a publication (`assets.published`).
"""
