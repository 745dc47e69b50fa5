"""bi: the star schema for drag and drop, one file of `sql/bi` per table."""
