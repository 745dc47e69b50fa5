"""edit: changes of the seeds by command."""
