"""What people use without rtcctl, written as one would write it: each is a program that brings an account to a list.

Layer: beside everything. They know nothing of rtcctl, and take their list as JSON, which is read at no cost.
"""
