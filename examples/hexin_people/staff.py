"""The people who work at the example chain: departments, teams, staff and who signs in with which roles where."""

from __future__ import annotations

import dataclasses
import random

from examples.hexin_people.names import mobile, person_name

__all__ = ["CLINICS", "House", "Person", "house"]

CLINICS = {"XH": "clinics.xuhui", "PD": "clinics.pudong", "HZ": "clinics.hangzhou"}


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """A member of staff; `roles` are (role, clinic code), clinic '' for the whole organisation; `login` '' for none."""

    ref: str
    name: str
    job: str
    clinic: str
    phone: str
    login: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    teams: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class House:
    """Who and what is there before the first patient; refs are `<object>:<key>`."""

    departments: tuple[tuple[str, str, str], ...]
    """ref, clinic code, name"""
    teams: tuple[tuple[str, str, str, str], ...]
    """ref, clinic code, name, department ref"""
    staff: tuple[Person, ...]


# The accounts a visitor of the demo signs in with, one per role, and one person with two roles in two clinics.
ACCOUNTS = (
    ("lin", "林静", "nurse", "XH", (("nurse", "XH"), ("reception", "PD")), ("team:XH-1",)),
    ("zhao", "赵敏", "nurse", "PD", (("nurse", "PD"),), ("team:PD-1",)),
    ("wang", "王建国", "doctor", "XH", (("doctor", "XH"),), ("team:XH-1",)),
    ("chen", "陈晓月", "reception", "XH", (("reception", "XH"),), ()),
    ("sun", "孙倩", "call_centre", "XH", (("call_centre", "XH"), ("call_centre", "PD"), ("call_centre", "HZ")), ()),
    ("he", "何佳", "marketing", "XH", (("marketing", "XH"), ("marketing", "PD"), ("marketing", "HZ")), ()),
    ("gao", "高明", "manager", "XH", (("manager", "XH"), ("manager", "PD"), ("manager", "HZ")), ()),
    ("admin", "周文", "other", "XH", (("designer", ""), ("security_officer", "")), ()),
    ("audit", "吴毅", "other", "XH", (("auditor", ""),), ()),
)


def house(rng: random.Random) -> House:
    """Two departments and two teams per clinic, the demo's accounts and some colleagues who do not sign in."""
    departments, teams = [], []
    staff = [
        Person(f"staff:{login}", name, job, clinic, mobile(rng), login, roles, in_teams)
        for login, name, job, clinic, roles, in_teams in ACCOUNTS
    ]
    for clinic in CLINICS:
        for key, name in (("implant", "种植科"), ("general", "综合科")):
            departments.append((f"department:{clinic}-{key}", clinic, name))
        for number, (name, department) in enumerate((("种植一组", "implant"), ("综合一组", "general")), start=1):
            teams.append((f"team:{clinic}-{number}", clinic, name, f"department:{clinic}-{department}"))
        for number in range(1, 7):
            job = "doctor" if number <= 3 else "nurse"
            team = f"team:{clinic}-{1 + number % 2}"
            name = person_name(rng, rng.choice(("male", "female")))
            staff.append(Person(f"staff:{clinic}-{number}", name, job, clinic, mobile(rng), teams=(team,)))
    return House(tuple(departments), tuple(teams), tuple(staff))
