"""The outside: surfaces, rendering and the process."""

VERSION = "0.1.0"
