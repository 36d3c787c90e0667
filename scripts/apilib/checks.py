"""What schemathesis does not look at: tags, HEAD, the exports' text, feeds."""

import csv
import http.client
import io
import json
import time
import urllib.parse

import feedparser

from demolib.network import require

STATE_PATHS = ["/v1/status", "/v1/commitments", "/v1/plans", "/v1/disputes", "/v1/directives",
               "/v1/export/commitments.csv", "/v1/export/milestones.jsonl", "/feed.rss"]
OTHER_PATHS = ["/v1/head", "/v1/members", "/v1/evidence", "/v1/openapi.json", "/v1/genesis", "/health/live", "/metrics"]


def ask(url, path, method="GET", **headers):
    """One request; status, headers in lower case, and the body."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def check_answers(url):
    """every answer can be read from other sites, and HEAD says what GET does."""
    for path in STATE_PATHS + OTHER_PATHS:
        status, headers, body = ask(url, path)
        require(status == 200, f"GET {path}: {status}")
        require(headers["access-control-allow-origin"] == "*", f"GET {path} can't be read from other sites")
        require("etag" in headers["access-control-expose-headers"].lower(), f"GET {path} hides its tag")
        status, head, nothing = ask(url, path, "HEAD")
        require(status == 200 and not nothing, f"HEAD {path}: {status}, {len(nothing)} bytes")
        require(head["content-type"] == headers["content-type"], f"HEAD {path} says another type than GET")
        status, options, _ = ask(url, path, "OPTIONS", Origin="https://elsewhere.example")
        require(status == 200 and "if-none-match" in options["access-control-allow-headers"].lower(),
                f"OPTIONS {path}: a page elsewhere may not ask with If-None-Match")
    _, headers, _ = ask(url, "/v1/transactions", "OPTIONS", Origin="https://elsewhere.example")
    # A submission's media type is one that browsers ask leave for, and none is given.
    require("access-control-allow-headers" not in headers, "a page elsewhere may submit")


def check_tags(url):
    """at one height the same request has the same bytes and tag, and 304 for whoever has them."""
    for path in STATE_PATHS:
        (_, first, body), (_, second, again) = ask(url, path), ask(url, path)
        require(first["etag"] == second["etag"] and body == again, f"{path}: other bytes or another tag at one height")
        for tag, expected in [(first["etag"], 304), (f'"x", W/{first["etag"]}', 304), ("*", None), ('"x"', 200)]:
            status, headers, rest = ask(url, path, If_None_Match=tag)
            if expected:
                require(status == expected, f"{path} with If-None-Match {tag}: {status}, expected {expected}")
            require(status != 304 or (not rest and headers["etag"] == first["etag"]), f"{path}: a bad 304")
    status, _, _ = ask(url, "/v1/commitments?limit=1", If_None_Match=ask(url, "/v1/commitments")[1]["etag"])
    require(status == 200, "a tag of one request stands for another")
    # It also tells who said to be ready, which comes without a block.
    require("etag" not in ask(url, "/v1/governance")[1], "/v1/governance is tagged by what it does not follow from")


def check_exports(url):
    """the exports hold what the lists hold, at any height, and nothing that a spreadsheet runs."""
    _, headers, body = ask(url, "/v1/export/commitments.csv?bom=true")
    height = int(headers["jalon-height"])
    require(body.startswith(b"\xef\xbb\xbf"), "no byte order mark")
    require(f"-{height}.csv" in headers["content-disposition"], "the file's name does not say its height")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    listed = json.loads(ask(url, "/v1/commitments?limit=500")[2])["commitments"]
    require([r["id"] for r in rows] == [c["id"] for c in listed], "the table lists other commitments")
    require([r["status"] for r in rows] == [c["status"]["current"] for c in listed], "the table has other statuses")
    for row in rows:
        for name in ("title_zh", "title_en", "source_quote"):
            require(not row[name].startswith(("=", "+", "-", "@")), f"{row['id']}: {name} begins a formula")
    lines = [json.loads(line) for line in ask(url, "/v1/export/commitments.jsonl")[2].splitlines()]
    require(lines == listed, "the lines are not the list's")

    milestones = [m for c in listed for m in json.loads(
        ask(url, f"/v1/commitments/{c['id']}/milestones?limit=500")[2])["milestones"]]
    lines = [json.loads(line) for line in ask(url, "/v1/export/milestones.jsonl")[2].splitlines()]
    require(lines == milestones, "the lines are not the milestones")
    table = list(csv.DictReader(io.StringIO(ask(url, "/v1/export/milestones.csv")[2].decode(), newline="")))
    require([r["id"] for r in table] == [m["id"] for m in milestones], "the table lists other milestones")

    one = listed[0]
    rows = ask(url, f"/v1/export/milestones.csv?commitment={one['id']}")[2].decode().splitlines()
    require(all(f",{one['id']}," in row for row in rows[1:]), "the filter lets another commitment through")
    past = height // 2
    first, second = (patiently(url, f"/v1/export/milestones.csv?height={past}") for _ in range(2))
    require(first[1]["jalon-height"] == str(past) and first[2] == second[2], "a past height changes")
    require(all(int(row["height"]) <= past for row in csv.DictReader(io.StringIO(first[2].decode(), newline=""))),
            "a past height holds what came later")
    require(ask(url, f"/v1/export/milestones.csv?height={height + 1_000_000}")[0] == 404, "a height that is not there")


def patiently(url, path):
    """The state after a past block is made first."""
    for _ in range(60):
        answer = ask(url, path)
        if answer[0] != 503:
            return answer
        time.sleep(float(answer[1]["retry-after"]))
    return answer


def check_rss(url):
    """feed readers read the feed in three languages."""
    for language, code, word in [("zh", "zh-cn", "上报"), ("en", "en", "reported"), ("fr", "fr", "a déclaré")]:
        _, headers, body = ask(url, "/feed.rss", Accept_Language=language)
        feed = feedparser.parse(body, response_headers={"content-type": headers["content-type"]})
        require(not feed.bozo, f"feedparser: {feed.get('bozo_exception')}")
        require(feed.version == "rss20" and feed.feed.language == code, f"{feed.version} in {feed.feed.get('language')}")
        require(headers.get("vary") == "Accept-Language", "a cache may hand out another language")
        require(feed.entries and any(word in entry.title for entry in feed.entries), f"no title has '{word}'")
        require(len({entry.id for entry in feed.entries}) == len(feed.entries), "two entries of one id")
        dates = [entry.published_parsed for entry in feed.entries]
        require(all(dates) and dates == sorted(dates, reverse=True), "the newest is not first, or a date is no date")
        for entry in feed.entries[:3]:
            parts = urllib.parse.urlsplit(entry.link)
            status, _, _ = ask(url, parts.path + ("?" + parts.query if parts.query else ""))
            require(status == 200 and entry.link.startswith(url), f"{entry.link} leads nowhere: {status}")


def check_feed(url):
    """the stream tells every block from any height, in order and without a gap."""
    for query in ["after=-1", "after=x", "after=1&after=2", "detail=all", "detail=", "from=1", "after=99999999999999999999"]:
        status, headers, _ = ask(url, f"/v1/feed?{query}")
        require(status == 400 and headers["content-type"] == "application/problem+json", f"/v1/feed?{query}: {status}")
    head = json.loads(ask(url, "/v1/head")[2])["head"]["height"]
    for start, headers in [(0, {}), (0, {"Last-Event-ID": str(head - 3)})]:
        after = int(headers.get("Last-Event-ID", start))
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        connection.request("GET", f"/v1/feed?after={start}", headers=headers)
        answer = connection.getresponse()
        require(answer.status == 200 and answer.getheader("content-type") == "text/event-stream", "no stream")
        events = []
        event = {}
        while len(events) < min(20, head - after):
            line = answer.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event:
                if "data" in event:
                    events.append(event)
                event = {}
        connection.close()
        heights = [int(event["id"]) for event in events]
        require(heights == list(range(after + 1, after + 1 + len(heights))), f"events {heights} after {after}")
        for event in events:
            require(json.loads(event["data"])["height"] == int(event["id"]), "an id that is not the height")
