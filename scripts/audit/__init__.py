"""What Signoff is made of, and whether it may be: `make audit`.

Whatever is not asked of the network is also asked by the tests.
"""
