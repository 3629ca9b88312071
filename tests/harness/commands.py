"""The commands of clientele, as its help has them."""

import re


def commands(installation):
    """(title of its group, words) of each command."""
    title, found = "", []
    for line in installation.cli("help").splitlines():
        if line.endswith(":") and not line.startswith(" "):
            title = line[:-1]
        match = re.match(r"  ([a-z]+(?:-[a-z]+)?(?: [a-z]+(?:-[a-z]+)*)?)( [^a-z].*| --.*|$)", line)
        if match and title != "Help":
            found.append((title, match.group(1)))
    return found
