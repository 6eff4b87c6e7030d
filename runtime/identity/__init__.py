"""Who is asking: accounts, passwords, sessions, tokens, memberships and the actor they make."""
