"""The clinic as its people meet it: a real server, the command line, a real browser."""
