"""Work in processes of its own, with limits on time and memory: what holds the interpreter lock for
long, what may crash or exit on hostile input, and other people's programs.

`call` has a task of TASKS done by a child that is kept for the next one, so it costs a millisecond or
two; `python` and `program` start a process each time.
"""

from __future__ import annotations

from processing.sandbox.cold import program, python
from processing.sandbox.pool import Fault, Lost, call

__all__ = ["Fault", "Lost", "call", "program", "python"]
