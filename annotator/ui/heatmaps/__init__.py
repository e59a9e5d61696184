"""The heatmap panes: global and regional latent heatmaps."""
