"""A live account as the text of a manifest that plans empty at once.

Layer: beside `apply`, above the reader, the manifest and the kinds. `reading` asks, everything else is pure: `account`
puts the documents together, `apps` fills an app's, `fitting` keeps what the manifest's schema takes, `names` finds
names, `writing` and `words` make YAML and comments of it.
"""
