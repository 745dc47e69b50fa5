"""quality: tables about the tables: verdicts, publications, dictionary, vocabularies."""
