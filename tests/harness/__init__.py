"""What the tests share that talk to a running program."""
