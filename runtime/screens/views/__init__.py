"""One module for each screen; importing them all puts their routes on the blueprint."""
