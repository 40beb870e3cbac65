"""The rules of a definition, by what they are about; pure."""
