"""Drafts: definitions that are worked on, checked at once, planned and published; see README.md of the designer."""
