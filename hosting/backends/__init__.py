"""Models for pictures: drawing them from words, describing what is in them.

An operator's settings name the model and where it runs; with none named, everything here raises
`not_configured`. What belongs here: calling a model, within limits, without trusting its answers. Who may call
it, and what is done with the answer, does not.
"""
