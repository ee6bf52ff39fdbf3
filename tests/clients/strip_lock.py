"""Take addresses out of the package-lock.json of each folder named: `make lock` runs it, npm does not
miss them."""

import json
import sys
from pathlib import Path

for folder in sys.argv[1:]:
    lock = Path(folder, "package-lock.json")
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        for name in ("resolved", "funding"):
            package.pop(name, None)
    lock.write_text(json.dumps(content, indent=2) + "\n")
