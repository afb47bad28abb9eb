"""How fast and how large Signoff is: `make bench`, explained in docs/benchmarks.md."""
