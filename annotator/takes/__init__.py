"""A face in time: what carries people's points through a take. Plain numpy; pictures come in as arrays."""
