"""They mirror the code (`tests/engine/...`, `tests/runtime/...`); shared fixtures live in `tests/fixtures/`."""
