"""What an actor may do: decisions compiled once per role pattern, row predicates, field rules, the Casbin oracle, explain."""

from runtime.access.access import Access
from runtime.access.fields import FieldRule, Sight
from runtime.access.objects import ObjectAccess
from runtime.access.source import AccessSource

__all__ = ["Access", "AccessSource", "FieldRule", "ObjectAccess", "Sight"]
