"""The interpreter: runs a definition, state by state, with everything that Step Functions records and promises.

``execute`` walks the states of a run; ``Position`` is where it stands, which is what a redrive goes on from.
"""
