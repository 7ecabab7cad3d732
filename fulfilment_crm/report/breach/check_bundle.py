"""Check a bundle of evidence offline: python3 check.py, in the unpacked folder or with the path of the ZIP.

It needs nothing but Python 3. It names every file that is not as it was packed, and the first event that was changed, taken out or put in.
"""
import json
import sys
import zipfile
from hashlib import sha256
from pathlib import Path


def read(place):
    """Return the files of a bundle, a ZIP or a folder: ``{path: content}``."""
    if place.is_file():
        with zipfile.ZipFile(place) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.rglob('*')) if path.is_file()}


def check_files(files):
    """Return what is wrong with the files, as sentences."""
    try:
        known = json.loads(files['manifest.json'])['files']
    except (KeyError, ValueError):
        return ["manifest.json is missing or cannot be read"]
    wrong = []
    for name, digest in sorted(known.items()):
        if name not in files:
            wrong.append(f"{name} is missing")
        elif sha256(files[name]).hexdigest() != digest:
            wrong.append(f"{name} is not as it was packed")
    return wrong + [f"{name} was added" for name in sorted(files.keys() - known.keys() - {'manifest.json'})]


def check_events(files):
    """Return what is wrong with the chain of events, as sentences: each hash covers its content and the hash before it."""
    try:
        chain = json.loads(files['events.json'])
    except (KeyError, ValueError):
        return ["events.json is missing or cannot be read"]
    before, number = chain['begin'], 0
    for number, event in enumerate(chain['events'], 1):
        expected = sha256(f"{before}\n{event['content']}".encode()).hexdigest()
        if event['number'] != number or event['hash'] != expected or json.loads(event['content'])['number'] != number:
            return [f"event {number} is not as it was sealed, or one before it was taken out or put in"]
        before = event['hash']
    if number != chain['count'] or before != chain['end']:
        return [f"event {min(number, chain['count']) + 1} is missing or was added"]
    return []


def main(arguments):
    """Check the bundle and say what was found; the exit code is 0 where all is well."""
    default = Path(__file__).resolve().parent
    files = read(Path(arguments[0]) if arguments else default)
    wrong = check_files(files) + check_events(files)
    told = wrong or [f"All {len(files)} files are as they were packed, and every event is as it was sealed."]
    sys.stdout.write("".join(f"{sentence}\n" for sentence in told))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
