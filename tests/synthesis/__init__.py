"""Tests of decoding, checks and the predictor."""
