"""bi: the tables of the star for drag and drop, one file of `sql/bi` each."""
