"""Follow-up plans at run time: who is on which plan, which step is next, and what became of those before."""
