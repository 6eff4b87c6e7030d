"""Links to forms that somebody fills who is not signed in: signed, expiring, good for one answer."""
