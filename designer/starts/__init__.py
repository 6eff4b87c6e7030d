"""What new definitions begin as, kind by kind: as little as works."""
