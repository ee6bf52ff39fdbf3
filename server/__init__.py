"""The embedded web server, the supervisor of its processes, and the queue's transport."""
