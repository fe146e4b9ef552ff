"""The contenders for csv."""
