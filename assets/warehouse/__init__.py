"""The files of one warehouse: the build file, its lock, publishing and reading. The only package that imports duckdb.

The build file is private and rebuildable; the published file is never written in place: publishing copies, checks,
fsyncs and renames.
Not here: what the tables mean (the modules of the stages), what is published (`assets.published`).
"""
