"""The contenders for json."""
