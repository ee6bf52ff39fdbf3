"""What models do for pictures: draw them from words, say what is in them.

Which model, and where, an operator says by settings; with none named, everything here raises `not_configured`.
What belongs here: asking a model, within bounds, and believing nothing of what it answers. Who may ask, and
what becomes of the answer, does not.
"""
