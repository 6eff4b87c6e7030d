"""Jobs: timers and effects as rows of one table, done at their time, at most once where that can be had."""
