"""Measurements: `python -m benchmarks NAME`, or `all`.

One file for each benchmark, with a function `measure(short) -> Report`; what they share is in the files that begin with
an underscore. `peers` holds what they are compared with. docs/benchmarks.md tells what each of them measures.
"""
