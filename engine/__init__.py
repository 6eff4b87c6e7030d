"""The compiler: text → parsed → validated → linked → Model → targets. Pure: no Flask, no clock, no environment."""
