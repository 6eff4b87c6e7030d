"""Power cuts, kills and immediate stops: what was acknowledged must be there afterwards."""
