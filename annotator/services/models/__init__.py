"""Jobs with models: propose, train, evaluate, calibrate."""
