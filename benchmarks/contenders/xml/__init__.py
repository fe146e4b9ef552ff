"""The contenders for xml."""
