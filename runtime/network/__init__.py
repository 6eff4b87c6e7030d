"""Carework on a network: a certificate authority of its own, its certificates, and the page that brings it to phones."""
