"""The records service: the one way in for every write, one query compiler and one serializer for every read."""
