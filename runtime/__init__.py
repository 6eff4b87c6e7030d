"""Runs a Model: store, records service, access, audit, screens, REST API and command line."""
