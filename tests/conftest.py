"""What every test may ask for; the fixtures themselves live in `tests/fixtures/`."""

pytest_plugins = [
    "pytester",
    "tests.fixtures.run",
    "tests.fixtures.no_skips",
    "tests.fixtures.databases",
    "tests.fixtures.clock",
    "tests.fixtures.corpus",
    "tests.fixtures.chromium",
]
