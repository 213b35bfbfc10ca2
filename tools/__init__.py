"""What the repository's own files are made with; not shipped in the wheel."""
