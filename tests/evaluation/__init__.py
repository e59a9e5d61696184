"""Tests of the metrics and reports."""
