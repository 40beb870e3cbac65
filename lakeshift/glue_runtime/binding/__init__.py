"""Objects that stand where the `awsglue` library expects its JVM classes; thin, all work is the engine's."""
