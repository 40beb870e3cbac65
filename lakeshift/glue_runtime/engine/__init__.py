"""The engine under the `awsglue` library: frames of records on Spark's DataFrames. It does not import `awsglue`."""
