"""The audit: change entries in the same transaction, views durable before the response, the keys of the installation."""
