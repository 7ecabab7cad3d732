"""What ./dev does, one file a subject."""
