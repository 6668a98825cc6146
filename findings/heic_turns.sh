#!/bin/sh
# pillow-heif 1.8.1 turns a photo upright only where the file itself says how (its `irot` or `imir`
# box). Where the EXIF alone says it, as in some real photos of an iPhone 7, the pixels stay as they
# lie, and `getexif()` says 1, "upright", all the same: who turns by the EXIF, as for JPEG, and who
# leaves it to the opener get the same sideways picture. The number that was there is left in
# `info["original_orientation"]`, which is 6 in both cases and so tells them not apart either.
# A writer meets it from the other side: `save(exif=...)` writes the box when the EXIF comes as
# bytes, and none when it comes as Pillow's own `Image.Exif`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 pillow-heif==1.8.1
cd "$folder"
venv/bin/python - <<'PY'
from importlib.metadata import version

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
print("pillow-heif", version("pillow-heif"))
ORIENTATION = 0x0112
exif = Image.Exif()
exif[ORIENTATION] = 6  # to be turned by a quarter: 64 x 40 is shown as 40 x 64
photo = Image.new("RGB", (64, 40), (200, 30, 30))

seen = {}
for name, given in (("as bytes", exif.tobytes()), ("as Image.Exif", exif)):
    photo.save("photo.heic", "HEIF", exif=given)
    with Image.open("photo.heic") as opened:
        has_box = b"irot" in open("photo.heic", "rb").read()
        said = opened.getexif().get(ORIENTATION), opened.info["original_orientation"]
        seen[name] = (has_box, opened.size, *said)
        print(f"{name}: irot box {has_box}, opened {opened.size}, orientation {said}")

assert seen["as bytes"] == (True, (40, 64), 1, 6), seen
assert seen["as Image.Exif"] == (False, (64, 40), 1, 6), seen
PY
