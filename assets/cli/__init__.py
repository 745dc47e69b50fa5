"""cli: the commands of `closedloop`, one module per command: options and output; other rooms do the work."""
