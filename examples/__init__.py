"""Examples: the organisation `hexin` (definitions) and the people who make it live (`hexin_people`)."""
