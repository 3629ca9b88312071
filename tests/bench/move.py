"""How long the licenses of another program take to move in.

    BUILD_DIR=build /usr/bin/python3 tests/bench/move.py [--licenses N] [--again]

Makes a Babel Licensing database with so many licenses beside an installation, imports it, and prints seconds and rows
a second; with --again the second import, too, which finds nothing new. Figures hold for the machine only.
"""

import argparse
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import babel  # noqa: E402
from harness.installation import Installation  # noqa: E402

DOCUMENT = ('<Licenses xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><License Id="lic1" type="Enterprise">'
            '<Licensee company="ACME" /><Product Id="P01" name="ACME Paint" /><Fields><Field name="a" value="b" /></Fields>'
            '<Features><Feature Id="pdf" name="PDF" /></Features></License></Licenses>')


def fill(installation, count):
    source = babel.make_schema(installation, "former", {
        **babel.FEW, "LicenseTemplates": [{"Id": 1, "Name": "Standard", "Format": "XML"}]})
    installation.sql(
        "INSERT INTO Licenses (Id, LicenseId, Format, LicenseType, IssueDate, Revoked, LicenseKey, MaxAllowedSites, UserKey, "
        "LicensingMode, TemplateId, CustomerId, CreatedAt, LicenseeName, Trace) SELECT seq, CONCAT('lic', HEX(seq)), 'XML', "
        f"'Enterprise', '2024-01-02 03:04:05', 0, '{DOCUMENT}', 5, CONCAT('K-', MD5(seq)), 1, 1, 7, '2024-01-02 03:04:05', "
        f"'Ada', 0 FROM seq_1_to_{count}", database="former", timeout=3600)
    return source


def measure(installation, source, count):
    begin = time.monotonic()
    subprocess.run([str(installation.build / "clientele"), installation.configuration(), "import", "babel", "--from", source,
                    "--password-stdin"], input=babel.PASSWORD + "\n", text=True, check=True, env=installation.environment())
    seconds = time.monotonic() - begin
    print(f"{seconds:.1f} s, {count / seconds:.0f} rows a second", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--licenses", type=int, default=1000000)
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args()
    with Installation() as installation:
        source = fill(installation, chosen.licenses)
        for _ in range(2 if chosen.again else 1):
            measure(installation, source, chosen.licenses)


if __name__ == "__main__":
    main()
