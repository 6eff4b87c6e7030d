"""What transitions lead to by themselves: done in their transaction, or later where that was refused."""
