"""Jobs: their kinds, the queue, the worker, and recovery from lost workers."""
