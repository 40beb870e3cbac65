"""Amazon States Language without its services: paths, functions, expressions, choices and errors. Pure."""
