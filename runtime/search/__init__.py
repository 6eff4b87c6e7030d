"""The search box: an index of grams that follows every change, and finding in it what the reader may see."""
