"""Work in separate processes, with limits on time and memory: code that holds the interpreter lock
for long, code that may crash or exit on hostile input, and external programs.

`call` runs a task of TASKS in a child that is reused for the next one, so it costs a millisecond or
two; `python` and `program` start a process each time.
"""

from __future__ import annotations

from processing.sandbox.cold import program, python
from processing.sandbox.pool import Fault, Lost, call

__all__ = ["Fault", "Lost", "call", "program", "python"]
