"""A seeded generator of the example chain's staff, patients and two years of work. All persons are invented."""

from examples.hexin_people.story import Example, Move, Ref, Row, generate

__all__ = ["Example", "Move", "Ref", "Row", "generate"]
