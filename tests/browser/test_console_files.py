"""What the console is made of: types that hold, texts in every language, no way around the Content-Security-Policy, and a size."""

import gzip
import json
import re
import shutil
import subprocess

import pytest

from harness.installation import TOP
from pages import SITE, needs_console

needs_console()

SOURCE = TOP / "web/console"
MODULES = sorted(path for path in SOURCE.rglob("*.js"))
# Those of the documentation have texts of their own, in English.
ALL_MODULES = [*MODULES, *sorted((TOP / "web/docs").glob("*.js"))]
LANGUAGES = sorted((SOURCE / "lang").glob("*.json"))
ENGLISH = json.loads((SOURCE / "lang/en.json").read_text(encoding="utf-8"))
# Compressed, in bytes: all that a browser may ever have to fetch. What it fetches first is less, and has its own limit.
SIZE_LIMIT = 200 * 1024


def test_types():
    """JSDoc's types hold everywhere, in the reference of the documentation, too. The compiler looks for packages in the folders
    above what it reads."""
    folder = SITE / "packages/check"
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("console", "docs", "start"):
        shutil.copytree(TOP / "web" / part, folder / part)
    shutil.copy(TOP / "web/tsconfig.json", folder)
    done = subprocess.run([SITE / "packages/node_modules/.bin/tsc", "-p", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def members():
    """Names of all members that the console can show."""
    model = json.loads((SITE / "console/model.json").read_text(encoding="utf-8"))
    names = {(field if isinstance(field, str) else field[0]).split()[0] for type_ in model["types"].values() for field in type_}
    bodies = [operation for resource in model["resources"] for operation in resource.values() if isinstance(operation, dict)]
    return names | {field["name"] for body in bodies for field in body.get("beside", [])}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_languages_have_the_same_texts(path):
    texts = json.loads(path.read_text(encoding="utf-8"))
    # Names of members are English by themselves; any other language has a word for each.
    assert {key for key in texts if not key.startswith("field.")} == {key for key in ENGLISH if not key.startswith("field.")}
    if path.stem != "en":
        assert not {f"field.{name.lower()}" for name in members()} - set(texts)
        screens = (SOURCE / "screens.js").read_text(encoding="utf-8")
        presets = re.findall(r'\{ name: "([\w-]+)", filter', screens)
        presets += re.findall(r'"(\w+)"', " ".join(re.findall(r'presets: \[("[^\]]*)\]', screens)))
        assert len(presets) > 8 and not [one for one in presets if not {f"preset.{one}", f"field.{one}"} & set(texts)]
    for key, text in texts.items():
        assert text.strip(), key
        if key.startswith("field."):
            continue
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", ENGLISH[key])), key
        assert text.count("|") == ENGLISH[key].count("|"), key
    # A screen is added with its texts, so that all languages stay whole.
    table = (SOURCE / "i18n.js").read_text(encoding="utf-8")
    assert f"{path.stem}:" in re.search(r"LANGUAGES = \{(.*)\}", table).group(1)


def test_every_text_is_there():
    """Keys that modules name, and those that they put together of words of the tables."""
    named = {key for path in MODULES for key in re.findall(r'\bt\("([\w./-]+)"', path.read_text(encoding="utf-8"))}
    screens = (SOURCE / "screens.js").read_text(encoding="utf-8")
    named |= {f"screen.{name}" for name in re.findall(r'^\t(?:\{ |\t)name: "([\w-]+)", path', screens, re.M)}
    named |= {f"group.{name}" for name in re.findall(r'group: "([\w-]+)"', screens)}
    assert not named - set(ENGLISH)


@pytest.mark.parametrize("path", ALL_MODULES, ids=lambda path: path.relative_to(TOP / "web").as_posix())
def test_nothing_becomes_markup_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style=", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text), "an address of another host"


def test_size():
    """A browser fetches one language, and the colors of all pages."""
    files = [path for path in (SITE / "console").rglob("*") if path.is_file() and path.name != "LICENSES.txt"]
    sizes = {path.relative_to(SITE / "console").as_posix(): len(gzip.compress(path.read_bytes(), 9)) for path in files}
    sizes["colors.css"] = len(gzip.compress((TOP / "web/start/colors.css").read_bytes(), 9))
    largest = sorted(sizes.items(), key=lambda one: -one[1])
    others = sum(size for name, size in sizes.items() if name.startswith("lang/") and name != "lang/en.json")
    assert sum(sizes.values()) - others < SIZE_LIMIT, largest


def test_licenses_of_what_is_shipped():
    text = (SITE / "console/vendor/LICENSES.txt").read_text(encoding="utf-8")
    shipped = json.loads((TOP / "web/package.json").read_text(encoding="utf-8"))["dependencies"]
    shipped.pop("terser")  # it makes modules small when they are built
    for name, version in shipped.items():
        assert f"{name} {version} (" in text


def test_locked():
    """Exact versions, nothing of an address, and no script of a package is run."""
    package = json.loads((TOP / "web/package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for part in ("dependencies", "devDependencies")
               for version in package[part].values())
    assert "resolved" not in (TOP / "web/package-lock.json").read_text(encoding="utf-8")
    assert "ignore-scripts=true" in (TOP / "web/.npmrc").read_text(encoding="utf-8")


UNPACKED = """import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
const [, source] = process.argv;
const { makeModel } = await import(`${source}/web/model.mjs`);
const { packModel, speak, unpackModel } = await import(`${source}/web/console/packing.js`);
const model = () => JSON.parse(JSON.stringify(makeModel(JSON.parse(readFileSync(`${source}/docs/openapi.json`, "utf8")))));
const { words, ...packed } = JSON.parse(JSON.stringify(packModel(model())));
const unpacked = unpackModel(packed);
speak(unpacked.spoken, words);
deepEqual(unpacked.model, model());
"""


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_model_is_unpacked_as_it_was():
    done = subprocess.run(["node", "--input-type=module", "-e", UNPACKED, TOP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_model_knows_every_list():
    model = json.loads((SITE / "console/model.json").read_text(encoding="utf-8"))
    document = json.loads((TOP / "docs/openapi.json").read_text(encoding="utf-8"))
    # Not what accounts ask for by their own keys, nor the rows of one visitor, who has a list besides.
    lists = {path for path, operations in document["paths"].items() if operations.get("get", {}).get("x-kind") == "list"
             and operations["get"]["x-access"].get("other") != "account" and not path.endswith("}")}
    assert lists and lists <= {resource["path"] for resource in model["resources"]}


def test_colors_stand_in_one_file():
    """Start page, console and documentation have those of the start page, and none of their own."""
    colors = TOP / "web/start/colors.css"
    given = set(re.findall(r"(--[a-z-]+):", colors.read_text(encoding="utf-8")))
    for page, prefix in (("web/start/index.html", "start/"), ("web/console/index.html", "../start/"), ("docs/index.html", "../start/")):
        assert f'<link rel="stylesheet" href="{prefix}colors.css">' in (TOP / page).read_text(encoding="utf-8"), page
    for path in set((TOP / "web").rglob("*.css")) - {colors}:
        text = path.read_text(encoding="utf-8")
        own = set(re.findall(r"(--[a-z-]+):", text))
        assert not own & given and not re.search(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\b(?=[^{}]*;)", text), path
        assert set(re.findall(r"var\((--[a-z-]+)", text)) <= own | given, path
