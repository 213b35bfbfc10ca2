"""Measurements; run each as a module."""
