"""The pictures of the user guide: what doc/screenshots.json lists, taken from a served demo database with headless Chromium.

    python -m devtools.screenshots --url http://127.0.0.1:8069 [--out doc/img] [NAME …]

Needs requests and websocket-client. One picture is an object: `name` (of the file), `user` (login; the password of the demo is the
same), `path` (of the page; `{fulfilment.contract:title=Site lighting}` stands for the id of that record), and, as wanted, `width`,
`height`, `full` (the whole page, however long), `click` (selectors or `text=…`, one after the other), `wait` (a selector).
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
import websocket

from .browser import find
from .console import Failure, say, step
from .paths import ROOT
from .processes import ending

LIST = ROOT / "doc" / "screenshots.json"
OUT = ROOT / "doc" / "img"
WIDTH, HEIGHT = 1400, 900
PHONE = 600  # narrower pages are shown as on a phone
QUIET = 0.8  # seconds without a request until a page counts as loaded
PATIENCE = 40
ENDLESS = ("/websocket", "/bus/")
PLACE = re.compile(r"\{([a-z._]+):([a-z_.]+)=([^}]+)\}")
# Odoo counts a page as ready when it shows something and nothing blocks it.
READY = """
document.readyState === 'complete'
&& !document.querySelector('.o_blockUI, .o_loading_indicator')
&& !!document.querySelector('.o_action_manager > *, #wrapwrap')
"""
CLICK = """
((wanted) => {
    const byText = (text) => [...document.querySelectorAll('button, a, .nav-link, th, .o_group_name, label')]
        .find((node) => node.offsetParent && node.textContent.trim().startsWith(text));
    const node = wanted.startsWith('text=') ? byText(wanted.slice(5)) : document.querySelector(wanted);
    node?.click();
    return !!node;
})(%s)
"""


class Browser:
    """Headless Chromium, spoken to over its debugging socket."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.number = 0
        self.open_requests: set[str] = set()
        self.last_traffic = time.monotonic()
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._notice(message)

    def _notice(self, message: dict[str, Any]) -> None:
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent" and not any(part in parameters["request"]["url"] for part in ENDLESS):
            self.open_requests.add(parameters["requestId"])
            self.last_traffic = time.monotonic()
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self.open_requests.discard(parameters["requestId"])
            self.last_traffic = time.monotonic()

    def evaluate(self, script: str) -> Any:
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def settle(self, wait: str | None = None) -> None:
        """Wait until the page is there and has asked for nothing for a moment."""
        condition = READY + (f" && !!document.querySelector({json.dumps(wait)})" if wait else "")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            ready = self.evaluate(condition)
            if ready and not self.open_requests and time.monotonic() - self.last_traffic > QUIET:
                return
            time.sleep(0.1)
        raise Failure("Taking a picture", f"the page was not ready within {PATIENCE} s", "open it in a browser and read the server's log")

    def log_in(self, url: str, session_id: str) -> None:
        self.call("Network.clearBrowserCookies")
        self.call("Network.setCookie", name="session_id", value=session_id, url=url)

    def show(self, url: str, width: int, height: int, clicks: Sequence[str] = (), wait: str | None = None) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < PHONE,
        )
        # A fresh page forgets what the web client of another user has kept.
        self.call("Page.navigate", url="about:blank")
        self.open_requests.clear()
        self.call("Page.navigate", url=url)
        self.settle(None if clicks else wait)
        for position, wanted in enumerate(clicks, 1):
            if not self.evaluate(CLICK % json.dumps(wanted)):
                raise Failure("Taking a picture", f"nothing to click: {wanted}", "correct it in doc/screenshots.json")
            self.last_traffic = time.monotonic()
            self.settle(wait if position == len(clicks) else None)

    def picture(self, full: bool = False) -> bytes:
        options = {}
        if full:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            whole = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
            options = {"captureBeyondViewport": True, "clip": whole}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser with a profile of its own, closed at the end."""
    program = find()
    if not program:
        raise Failure("Looking for a browser", "Chromium or Chrome is not on PATH", "install it (Debian: apt-get install chromium)")
    profile = tempfile.mkdtemp(prefix="screenshots-")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-US"]
    process = subprocess.Popen(
        [program, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        with ending(process):
            yield Browser(_page_address(Path(profile) / "DevToolsActivePort"))
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def _page_address(port_file: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if port_file.exists() and (lines := port_file.read_text().splitlines()):
            pages = requests.get(f"http://127.0.0.1:{lines[0]}/json", timeout=PATIENCE).json()
            if page := next((page for page in pages if page["type"] == "page"), None):
                return page["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise Failure("Starting Chromium", f"it did not answer within {PATIENCE} s", "start it by hand to see why")


class Odoo:
    """The served demo database: sessions, and ids of records by what people call them."""

    def __init__(self, url: str, database: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.database = database or self._rpc("/web/database/list")[0]
        self.sessions: dict[str, Any] = {}
        self.ids: dict[tuple[str, ...], Any] = {}

    def _rpc(self, path: str, session: Any = requests, **parameters: Any) -> Any:
        answer = session.post(f"{self.url}{path}", json={"jsonrpc": "2.0", "params": parameters}, timeout=PATIENCE).json()
        if "error" in answer:
            raise Failure("Asking Odoo", answer["error"]["data"]["message"], "look whether this is the demo database")
        return answer["result"]

    def session(self, login: str) -> Any:
        if login not in self.sessions:
            session = requests.Session()
            self._rpc("/web/session/authenticate", session, db=self.database, login=login, password=login)
            self.sessions[login] = session
        return self.sessions[login]

    def session_id(self, login: str) -> str:
        return self.session(login).cookies["session_id"]

    def resolve(self, path: str) -> str:
        """Return the path with the ids of the records it names."""
        return PLACE.sub(lambda match: str(self._find(*match.groups())), path)

    def _find(self, model: str, field: str, value: str) -> Any:
        key = (model, field, value)
        if key not in self.ids:
            call = {"model": model, "method": "search", "args": [[[field, "=", value]]], "kwargs": {"order": "id", "limit": 1}}
            found = self._rpc("/web/dataset/call_kw", self.session("admin"), **call)
            if not found:
                raise Failure("Taking pictures", f"no {model} with {field} “{value}”", "correct it in doc/screenshots.json")
            self.ids[key] = found[0]
        return self.ids[key]


def take(pictures: list[dict[str, Any]], odoo: Odoo, out: Path) -> None:
    """Take the pictures, one file each."""
    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for picture in pictures:
            with step(f"Picture {picture['name']}"):
                browser.log_in(odoo.url, odoo.session_id(picture["user"]))
                browser.show(
                    odoo.url + odoo.resolve(picture["path"]), picture.get("width", WIDTH), picture.get("height", HEIGHT),
                    picture.get("click", ()), picture.get("wait"),
                )
                (out / f"{picture['name']}.png").write_bytes(browser.picture(picture.get("full", False)))


def main() -> None:
    arguments = argparse.ArgumentParser(description="Take the pictures of the user guide from a served demo database.")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="only these pictures (the beginning of a name is enough)")
    arguments.add_argument("--url", default="http://127.0.0.1:8069")
    arguments.add_argument("--database", help="when the server has several")
    arguments.add_argument("--list", type=Path, default=LIST)
    arguments.add_argument("--out", type=Path, default=OUT)
    options = arguments.parse_args()
    pictures = json.loads(options.list.read_text(encoding="utf-8"))
    if options.names:
        pictures = [picture for picture in pictures if picture["name"].startswith(tuple(options.names))]
    take(pictures, Odoo(options.url, options.database), options.out)
    say(f"{len(pictures)} pictures in {options.out}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        raise SystemExit(str(failure))
