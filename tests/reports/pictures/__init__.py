"""Tests of layout pictures: words, characters, SVG, PNG, JSON, and before and after a change."""
