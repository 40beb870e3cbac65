"""What runs a Glue job: the launcher, the engine, and the binding under the `awsglue` library."""
