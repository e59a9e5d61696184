"""`bench take`: what keys are worth in takes, before one camera and before a rig."""
