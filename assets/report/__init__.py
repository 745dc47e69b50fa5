"""The report: one HTML file beside the published file, which needs no network and no JavaScript to be read."""
