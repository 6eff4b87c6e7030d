"""The long form of the agreement test: as many triples as asked for, with a new seed each time.

`make proof-agreement CAREWORK_TRIPLES=100000`; the seed is printed, and `CAREWORK_SEED` repeats a run.
"""

import os
import secrets

import pytest

from runtime.store.database import Store
from tests.runtime.access.agreement import Agreement

TRIPLES = int(os.environ.get("CAREWORK_TRIPLES", "20000"))
SEED = int(os.environ.get("CAREWORK_SEED", "0")) or secrets.randbelow(2**31)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_lists_and_the_enforcer_agree(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No difference between the SQL of access and the Casbin enforcer."""
    with capsys.disabled():
        print(f"\nagreement: {TRIPLES} triples, seed {SEED}")
    store = Store.open(database_url)
    try:
        agreement = Agreement(store, SEED)
        differences = agreement.run(TRIPLES)
    finally:
        store.close()
    assert not differences, f"{len(differences)} differences, the first: {differences[:5]}"
