"""The REST API under `/api/v1`: translates HTTP into queries and commands, and answers into JSON. Holds no rule of the clinic."""
