"""A clinic of its own in which days pass in moments: what definitions lead to, before anybody meets it."""
