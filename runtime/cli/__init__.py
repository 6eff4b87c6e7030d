"""The command line. One file per family of commands; each registers itself with `group`."""
