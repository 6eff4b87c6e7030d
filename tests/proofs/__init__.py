"""Long proofs: `make proof-<area>`."""
