"""Changes of the seeds by command."""
