"""What a check and a comparison found, as people and machines read it.

Each writer takes one file at a time and keeps none of it, so that a folder of any size will do.
"""
