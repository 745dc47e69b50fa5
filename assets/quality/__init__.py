"""quality: what is known about the tables themselves: verdicts, publications, dictionary, words."""
