"""Tests of the synthetic studio."""
