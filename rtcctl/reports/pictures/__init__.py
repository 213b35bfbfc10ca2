"""Layout pictures drawn: SVG, PNG, characters, words and JSON. Where panes stand is the matter of `rtcctl.layout`."""
