"""Tests of the vocabulary: values, addresses, the ledger, plans and results."""
