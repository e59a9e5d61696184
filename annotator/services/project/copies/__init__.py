"""One project from another: whole copies, copies merged back, a copy in another scheme."""
