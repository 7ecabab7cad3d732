"""Bundles of evidence: archives that are the same to the byte whenever they say the same. No database."""
import io
import json
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MANIFEST = 'manifest.json'
EPOCH = (1980, 1, 1, 0, 0, 0)  # the time of every file: what a bundle says does not depend on when it was made


def as_json(value: Any) -> bytes:
    """Return a value as the one text that says it: keys in order, texts as they are."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1).encode()


def pack(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return an archive of files, with a manifest of their SHA-256.

    :param name: what the bundle is about, such as the number of a contract
    :param files: ``{path: content}``
    """
    manifest = as_json({'bundle': name, 'files': {path: sha256(content).hexdigest() for path, content in files.items()}})
    output = io.BytesIO()
    with zipfile.ZipFile(output, 'w', zipfile.ZIP_DEFLATED) as archive:
        for path, content in [*sorted(files.items()), (MANIFEST, manifest)]:
            info = zipfile.ZipInfo(path, EPOCH)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, content)
    return output.getvalue()
