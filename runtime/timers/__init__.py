"""What time does to records: a job per timer and record while the record is in the timer's state."""
