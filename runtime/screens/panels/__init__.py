"""Panels of pages, one module for each kind; see `contract`."""
