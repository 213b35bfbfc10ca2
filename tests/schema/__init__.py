"""Tests of the schemas: that they are up to date and agree with the OpenAPI file."""
