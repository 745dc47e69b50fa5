"""report: one HTML file next to the published file, readable without network and JavaScript."""
