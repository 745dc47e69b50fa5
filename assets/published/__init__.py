"""published: what the file for readers holds besides the tables: verdicts, publications, dictionary, macros, views."""
