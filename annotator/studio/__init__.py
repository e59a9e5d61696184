"""The synthetic studio: renders captures of made-up subjects with exact landmarks (optional extra `studio`)."""
