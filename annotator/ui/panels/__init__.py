"""Panels round the frame view: frames, queues, inspector, history, jobs, training, dashboard."""
