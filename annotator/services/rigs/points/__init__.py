"""Landmarks in space out of a project: points, their covariance, the views that voted, and where each view should see them."""
