"""Experiments, baselines, sweeps, the correction loop and benchmarks: an annex that only the command line may import."""
