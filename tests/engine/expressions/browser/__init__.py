"""Running the browser's interpreter: in Node, many jobs in one process, or in Chromium under the product's policy."""
