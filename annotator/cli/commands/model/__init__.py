"""Commands about models: propose, train, evaluate, calibrate, average, learn a convention, list."""
