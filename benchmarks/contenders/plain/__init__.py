"""The contenders for plain."""
