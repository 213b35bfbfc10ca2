"""Finished results in a form to read: one file per format; removing one file removes one format.

Layer: above `apply`. Reports compute nothing and call nobody.
"""
