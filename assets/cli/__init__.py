"""The commands of `closedloop`, one module per subject: options and words here, the work elsewhere."""
