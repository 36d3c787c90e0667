"""A proxy in front of a node that changes what the node says: what a reader meets whose node lies."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSED_ON = ("Content-Type", "Content-Security-Policy", "Content-Language")


class LyingNode:
    """Passes everything on; `lie` gets the path and the body of each answer and may return another body."""

    def __init__(self, node):
        self.lie = lambda path, body: body
        self.stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/v1/feed"):
                    self.hold()
                    return
                try:
                    with urllib.request.urlopen(node + self.path, timeout=10) as answer:
                        status, headers, body = answer.status, answer.headers, answer.read()
                except urllib.error.HTTPError as error:
                    status, headers, body = error.code, error.headers, error.read()
                body = outer.lie(self.path, body)
                self.send_response(status)
                for name in PASSED_ON:
                    if headers[name]:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    # The reader went on meanwhile.
                    pass

            def hold(self):
                """A feed in which nothing happens, for as long as there is this proxy."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.flush()
                outer.stopped.wait()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
