"""What the tests of the package share with those of the program, in Tests/Program."""
