"""What the other cameras of a rig are worth: proposals of a rendered set, corrected views, and calibrations that are off."""
