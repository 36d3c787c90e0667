"""A small client of the WebDriver protocol (W3C), for Chromium: what the checks need of it and nothing else."""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER, SHIFT = "\ue004", "\ue007", "\ue008"
# What Chromium would otherwise ask the world for; and the sandbox needs another user than root.
ARGUMENTS = [
    "--headless=new", "--no-first-run", "--no-proxy-server", "--disable-dev-shm-usage", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--hide-scrollbars",
    "--force-device-scale-factor=1", "--host-resolver-rules=MAP insecure.test 127.0.0.1, EXCLUDE 127.0.0.1",
]


class BrowserError(Exception):
    """What the driver refused, or a page that did not come to where it should."""


def find(*names):
    """The first of these programs that is there."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise BrowserError(f"there is no {' or '.join(names)}: run scripts/setup --browser")


class Browser:
    """One Chromium with one window."""

    def __init__(self, folder):
        self.folder = folder
        self.log = open(folder / "chromedriver.log", "ab")
        self.driver = subprocess.Popen(
            [find("chromedriver"), "--port=0", "--allowed-ips=127.0.0.1"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        self.session = None
        try:
            self.port = self._port()
            self._begin()
        except BaseException:
            self.stop()
            raise

    def _port(self):
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found[1])
        raise BrowserError(f"chromedriver ended with {self.driver.wait()}; see {self.log.name}")

    def _begin(self):
        arguments = [*ARGUMENTS, f"--user-data-dir={self.folder / 'profile'}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": find("chromium", "chromium-browser", "google-chrome"), "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 60_000, "pageLoad": 30_000},
        }}})
        self.session = answer["sessionId"]
        self.version = answer["capabilities"]["browserVersion"]

    def stop(self):
        """Ends the browser in order, and its driver in any case."""
        if self.session:
            try:
                self._call("DELETE", f"/session/{self.session}")
            except (OSError, BrowserError):
                pass
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            # With the browser that it started: they are one group, by the driver's id.
            os.killpg(self.driver.pid, signal.SIGKILL)
            self.driver.wait()
        self.driver.stdout.close()
        self.log.close()

    # The protocol

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            data = None if body is None and method != "POST" else json.dumps(body or {})
            connection.request(method, path, data, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise BrowserError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def call(self, method, path, **body):
        return self._call(method, f"/session/{self.session}{path}", body or None)

    def devtools(self, command, **parameters):
        """A command of the Chrome DevTools protocol."""
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=parameters)

    # Pages

    def open(self, url):
        self.call("POST", "/url", url=url)

    def reload(self):
        self.call("POST", "/refresh")

    def run(self, script, *arguments):
        """Runs the body of a function in the page and returns what it returns; a promise is waited for."""
        return self.call("POST", "/execute/sync", script=script, args=list(arguments))

    def in_new_tab(self, url):
        """Opens a page in a tab of its own, which is then the one that is looked at; returns how to come back."""
        before = self.call("GET", "/window")
        handle = self.call("POST", "/window/new", type="tab")["handle"]
        self.call("POST", "/window", handle=handle)
        self.open(url)
        return before

    def close_tab(self, back):
        self.call("DELETE", "/window")
        self.call("POST", "/window", handle=back)

    def wait(self, what, condition, seconds=10, *arguments):
        """Waits until an expression of the page is true, and returns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(f"return ({condition});", *arguments)
            if value:
                return value
            time.sleep(0.02)
        raise BrowserError(f"{what}: not after {seconds} s")

    def element(self, selector):
        return self.call("POST", "/element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.element(selector)}/click")

    def type(self, selector, text):
        """Types into a field, or gives a file's path to one that takes files."""
        self.call("POST", f"/element/{self.element(selector)}/value", text=str(text))

    def clear(self, selector):
        self.call("POST", f"/element/{self.element(selector)}/clear")

    def press(self, *keys):
        """Presses and releases keys, one after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def complaints(self):
        """What the console was told since it was last asked: errors, and what a policy refused."""
        return [entry["message"] for entry in self.call("POST", "/se/log", type="browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    # How it is looked at

    def set_width(self, width, height=900):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def set_scripts(self, are_on):
        self.devtools("Emulation.setScriptExecutionDisabled", value=not are_on)

    def set_dark(self, is_dark):
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def picture(self):
        """The whole page as PNG, however long it is."""
        answer = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])
