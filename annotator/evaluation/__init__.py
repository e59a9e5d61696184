"""Errors of models against true landmarks: metrics, intervals, calibration and reports; numpy in, no image file opened."""
