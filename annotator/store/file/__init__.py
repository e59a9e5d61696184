"""The project file as SQLite and the system see it: connections, its identity, its log, its version."""
