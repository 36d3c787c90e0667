"""A proxy that ends streams: what asks for whole answers can so ask for one that has no end."""

import socket
import threading
import time
import urllib.parse

# A stream is ended once it is silent for so long, or after so long in all; in seconds.
SILENCE = 0.1
LENGTH = 1


class Cut:
    """Passes every byte on; an event stream ends after a moment, as if the node had ended it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.node = (parts.hostname, parts.port)
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def stop(self):
        self.server.close()

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        with client, socket.create_connection(self.node) as node:
            threading.Thread(target=forward, args=(client, node), daemon=True).start()
            try:
                answer(node, client)
            except OSError:
                # Either side went away.
                pass
            # The other thread waits for the client.
            for side in (client, node):
                try:
                    side.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def forward(client, node):
    try:
        while data := client.recv(65536):
            node.sendall(data)
        node.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def answer(node, client):
    end = None
    while True:
        try:
            data = node.recv(65536)
        except TimeoutError:
            data = None
        if data:
            client.sendall(data)
            if end is None and b"content-type: text/event-stream" in data.lower():
                node.settimeout(SILENCE)
                end = time.monotonic() + LENGTH
        if end is not None and (data is None or time.monotonic() > end):
            # The node writes whole chunks (RFC 9112, 7.1): this is the last one.
            client.sendall(b"0\r\n\r\n")
            return
        if data == b"":
            return
