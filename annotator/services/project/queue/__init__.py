"""Queues: which frames deserve a look, and why."""
