"""What an open page shows of what happens elsewhere, without being asked to."""

import json
import time

from .network import PROVINCES, require
from .webdriver import BrowserError

REPORTER, SHOWING, RESTARTED = "cn-he", "cn-bj", "cn-gz"
TABS = 8
REPORTS = 20
# Seconds between two reports.
CALM = 0.3
# Milliseconds from the command's start: what is promised, and what is aimed at on a machine that does nothing else.
PROMISED_P95, AIM_P95 = 2_000, 500

# When each transaction was first to be seen on the page, by the machine's own clock.
WATCH = """
window.seenAt = {};
const look = () => {
  for (const link of document.querySelectorAll("main a[href*='transactions/'], main a[href*='transaction=']")) {
    const id = link.getAttribute("href").match(/[0-9a-f]{64}/)?.[0];
    if (id && !(id in seenAt)) seenAt[id] = Date.now();
  }
};
look();
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
"""


class Reporter:
    """Reports milestones of one commitment, a day after the other."""

    def __init__(self, network):
        self.network = network
        self.commitment = self._commitment()
        effective = [m for m in network.milestones(REPORTER, self.commitment) if m["life"] == "effective"]
        self.value = max(effective, key=lambda m: m["periodEnd"])["value"] if effective else "1"
        # After everything that was reported, so that no period is there twice and no running total falls.
        self.days = (f"{year}-{month:02}-15" for year in (2022, 2023, 2024, 2025) for month in range(1, 13))

    def _commitment(self):
        for one in self.network.commitments(REPORTER):
            whole = self.network.commitment(REPORTER, one["id"])
            if whole["region"]["code"] == "CN-HE" and whole["life"] == "active" and whole["target"].get("value"):
                return one["id"]
        raise BrowserError("Hebei has no commitment with a number as its target")

    def report(self):
        """Returns the transaction, and when its sending began, in milliseconds since 1970."""
        words = ["milestone", "report", self.commitment, "--value", self.value, "--at", next(self.days), "--fictional"]
        started = time.time() * 1000
        sent = self.network.send(REPORTER, *words, "--json")
        return json.loads(sent.stdout)["id"], started


def check_feed(browser, network):
    """A milestone reported at one node appears on the open page of another; returns all times in milliseconds."""
    reporter = Reporter(network)
    browser.open(f"{network.url(SHOWING)}/commitments/{reporter.commitment}?lang=en")
    browser.wait("the feed is open", "document.getElementById('live').textContent.includes('live')")
    browser.run(WATCH)
    browser.run("window.isSamePage = true;")
    times = []
    for _ in range(REPORTS):
        # A page that was just renewed waits a little before the next time, so that a busy ledger does not drown it.
        time.sleep(CALM)
        transaction, started = reporter.report()
        seen = browser.wait(f"transaction {transaction} on the page", "seenAt[arguments[0]]", 10, transaction)
        times.append(seen - started)
    require(browser.run("return isSamePage;"), "the page was loaded anew")
    return sorted(times)


def check_pause(browser, network):
    """Nothing moves while the reader has stopped it, and what came meanwhile is there afterwards."""
    reporter = Reporter(network)
    reporter.days = (f"2026-{month:02}-10" for month in range(1, 11))
    browser.open(f"{network.url(SHOWING)}/commitments/{reporter.commitment}?lang=en")
    browser.wait("the feed is open", "document.getElementById('live').textContent.includes('live')")
    browser.run(WATCH)
    browser.click("#pause")
    transaction, _ = reporter.report()
    # Longer than any page took to show one.
    time.sleep(1)
    require(not browser.run("return seenAt[arguments[0]];", transaction), "a page that was stopped moved on")
    browser.click("#pause")
    browser.wait("what came meanwhile", "seenAt[arguments[0]]", 10, transaction)


def check_tabs(browser, network):
    """Many tabs on one node, more than a browser has connections to it; what comes meanwhile is there in each."""
    reporter = Reporter(network)
    reporter.days = (f"2026-{month:02}-20" for month in range(1, 11))
    page = f"{network.url(SHOWING)}/commitments/{reporter.commitment}?lang=en"
    browser.open(page)
    browser.run(WATCH)
    backs = []
    for _ in range(TABS):
        backs.append(browser.in_new_tab(page))
        browser.wait("the feed is open", "document.getElementById('live').textContent.includes('live')")
    transaction, _ = reporter.report()
    for back in reversed(backs):
        browser.close_tab(back)
    browser.wait("what came meanwhile, in the first tab", "seenAt[arguments[0]]", 10, transaction)


def check_reconnected(browser, network):
    """A page whose node goes away says so, and goes on by itself once it is back."""
    browser.open(f"{network.url(RESTARTED)}/?lang=en")
    browser.wait("the feed is open", "document.getElementById('live').textContent.includes('live')")
    network.kill(RESTARTED)
    browser.wait("the loss is shown", "document.getElementById('live').textContent.includes('lost')")
    network.start(RESTARTED)
    browser.wait("the feed is open again", "document.getElementById('live').textContent.includes('live')", 30)
    # That the connection was refused meanwhile is no fault of the page.
    browser.complaints()


def check_failover(browser, network):
    """A page whose node stays away goes over to another node, to the same page in the same language."""
    origin, target = network.url(RESTARTED), "/commitments/CN-HN-2020-001?lang=fr"
    browser.open(origin + target)
    browser.wait("the feed is open", "document.getElementById('live').textContent.includes('en direct')")
    network.kill(RESTARTED)
    try:
        # Waiting asks the page itself, which is another one after this.
        browser.wait("another node's page", "location.origin !== arguments[0] && document.readyState === 'complete'",
                     30, origin)
        found = browser.run("return [location.pathname + location.search, document.documentElement.lang,"
                            " document.querySelector('h1') !== null];")
        require(found == [target, "fr", True], f"the page went over to {found}")
        browser.wait("the feed is open", "document.getElementById('live').textContent.includes('en direct')")
    finally:
        network.start(RESTARTED)
        network.wait_for("it is back", lambda: network.head(RESTARTED), 30)
    browser.complaints()


def check_quorum_lost(browser, network):
    """With three of seven gone, the page says that nothing can be written, and says so no more once they are back."""
    gone = PROVINCES[-3:]
    page = f"{network.url(SHOWING)}/?lang=en"
    browser.open(page)
    require(not browser.run("return document.querySelector('.banner.alert');"), "a warning stands there for nothing")
    for member in gone:
        network.kill(member)
    text = browser.wait("the red banner", "document.querySelector('.banner.alert')?.innerText", 30)
    require("4 validators connected, 5 needed" in text, f"the banner says: {text}")
    for member in gone:
        network.start(member)
    network.wait_for("they are back", lambda: network.head(SHOWING)["validators"]["connected"] >= 5, 60)
    browser.reload()
    require(not browser.run("return document.querySelector('.banner.alert');"), "the warning stays though all are back")


def percentile(times, part):
    return times[min(len(times) - 1, int(len(times) * part))]
