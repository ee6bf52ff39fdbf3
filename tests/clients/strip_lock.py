"""Take addresses out of package-lock.json: `make lock` runs it, npm does not miss them."""

import json
from pathlib import Path

lock = Path(__file__).with_name("package-lock.json")
content = json.loads(lock.read_text())
for package in content["packages"].values():
    for name in ("resolved", "funding"):
        package.pop(name, None)
lock.write_text(json.dumps(content, indent=2) + "\n")
