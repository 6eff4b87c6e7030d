"""The SQL of access and the Casbin enforcer give the same answer.

R1  For random (grants, user, record) triples a list holds a row exactly when the enforcer allows it, for every action.
R2  Each field is seen whole, masked or not at all exactly as the enforcer says, and may be filtered by only where it is whole.
R4  Formulas over child rows are among them: seen and not seen, each of them.
R3  The comparison finds a predicate that forgets denials, and one that forgets the clinic.
"""

import os
from collections.abc import Iterator

import pytest

from runtime.access import Sight
from runtime.access.binding import Binding
from runtime.access.objects import ObjectAccess
from runtime.store.database import Store
from tests.fixtures.databases import Backend
from tests.runtime.access.agreement import Agreement

TRIPLES = 2000
SEED = int(os.environ.get("CAREWORK_SEED", "20260302"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    found = Store.open(database_url)
    yield found
    found.close()


def test_lists_and_the_enforcer_agree(store: Store) -> None:
    """R1, R2, R4: 2,000 triples without one difference, and with enough of each answer to mean something."""
    agreement = Agreement(store, SEED)
    differences = agreement.run(TRIPLES)
    assert not differences, f"{len(differences)} differences, the first: {differences[:5]}"
    assert agreement.triples >= TRIPLES
    assert agreement.allowed > 200
    assert min(agreement.sights.values()) > 100, agreement.sights
    assert min(agreement.inherited.values()) > 3, agreement.inherited


@pytest.fixture
def sqlite_store(sqlite_backend: Backend) -> Iterator[Store]:
    url = sqlite_backend.fresh()
    found = Store.open(url)
    yield found
    found.close()
    sqlite_backend.drop(url)


def test_a_predicate_without_denials_is_found(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: planted fault: denials are not asked."""
    def without(self: ObjectAccess, *args: object) -> None:
        built(self, *args)  # type: ignore[arg-type]
        self._refusals = dict.fromkeys(self._refusals, ())
        self._denials = ()

    built = ObjectAccess.__init__
    monkeypatch.setattr(ObjectAccess, "__init__", without)
    assert Agreement(sqlite_store, SEED).run(300, stop_early=True)


def test_a_predicate_without_the_clinic_is_found(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: planted fault: whoever holds a role somewhere holds it everywhere."""
    monkeypatch.setattr(Binding, "where", lambda self, places, source, strict=False: bool(places))
    assert Agreement(sqlite_store, SEED).run(300, stop_early=True)


def test_a_mask_that_is_lost_is_found(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: planted fault: what a grant masks is shown."""
    from runtime.access.fields import FieldRule

    plain = FieldRule.sight
    monkeypatch.setattr(FieldRule, "sight", lambda self, flags: Sight.VALUE if plain(self, flags) else Sight.ABSENT)
    monkeypatch.setattr(FieldRule, "fixed", None)
    with pytest.raises(AssertionError, match="what is not seen"):
        Agreement(sqlite_store, SEED).run(300, stop_early=True)


def test_a_stored_formula_that_counts_what_is_hidden_is_found(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: planted fault: whoever may read some child rows sees what was counted of all."""
    from runtime.access.rules import FieldRules

    monkeypatch.setattr(FieldRules, "_all_rows", FieldRules._some_rows)
    assert Agreement(sqlite_store, SEED).run(1200, stop_early=True)
