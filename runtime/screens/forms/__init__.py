"""Forms of records: which inputs a person gets, what they hold, how what was posted is read, what a refusal looks like."""
