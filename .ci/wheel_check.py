"""What must hold where the wheel alone is installed, without any extra."""

import importlib.util
import pathlib
import subprocess
import sys

import ckct_formats
from ckct_formats import Format, parse, serialize

package = pathlib.Path(ckct_formats.__file__).parent
assert "site-packages" in package.parts, package
assert (package / "py.typed").exists()
assert (package / "_reports" / "page.html").exists()
assert importlib.util.find_spec("click") is None
assert importlib.util.find_spec("rich") is None

sample = parse(pathlib.Path("fixtures/sample.json").read_bytes())
for fmt in Format:
    assert parse(serialize(sample, fmt), fmt) == sample, fmt

command = pathlib.Path(sys.executable).parent / "ckct-formats"
refused = subprocess.run([command, "--help"], capture_output=True, text=True)
assert refused.returncode == 2, refused
assert "ckct-formats[cli]" in refused.stderr, refused
assert "Traceback" not in refused.stderr, refused
print("the wheel stands alone")
