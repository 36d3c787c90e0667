"""What holds on every page: found by its links, in three languages, without script, narrow, by keyboard, by axe's rules."""

import json
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

from .network import require, say
from .webdriver import TAB, BrowserError

LANGUAGES = {"zh": "zh-Hans", "en": "en", "fr": "fr"}
MAXIMUM_WEIGHT = 150 << 10
# The languages in which pages are looked at, at each width in pixels: words are longest where there is least room.
WIDTHS = {320: ["zh", "en", "fr"], 768: ["fr"], 1280: ["fr"]}
# Pages of one kind that are looked at, for example commitments: the first few stand for all.
SAMPLE = 2
# What is no page: the API, files, and a link into the same page.
NO_PAGES = ("/v1/", "/static/", "/health", "/metrics")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"

LINKS = "return [...document.querySelectorAll('a[href]')].map((link) => link.href);"

# Bytes over the wire of the document and of all that it loaded; the feed is a stream without end and counts for nothing.
WEIGHT = """
return performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .reduce((sum, entry) => sum + (entry.encodedBodySize || 0), 0);
"""

OVERFLOW = """
const limit = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= limit) return [];
return [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > limit + 0.5)
  .slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
"""

# Notes everything that gets the focus, and how that is shown.
WATCH_FOCUS = """
window.seen = [];
document.addEventListener("focusin", ({ target }) => {
  const style = getComputedStyle(target);
  const box = target.getBoundingClientRect();
  seen.push({
    name: target.outerHTML.slice(0, 120),
    index: [...document.querySelectorAll(arguments[0])].indexOf(target),
    visible: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    inside: box.right > 0 && box.bottom > 0 && box.width > 0,
  });
});
document.activeElement.blur();
return [...document.querySelectorAll(arguments[0])].filter((element) =>
  element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true })).length;
"""


def kind_of(path):
    """Pages of one kind share it: /commitments/CN-HN-2020-001 is one of /commitments/*."""
    parts = urlsplit(path)
    segments = parts.path.strip("/").split("/")
    names = sorted(name for name in parse_qs(parts.query) if name != "lang")
    return "/".join(segments[:1] + ["*"] * (len(segments) - 1)) + "?" + ",".join(names)


def canonical(url):
    """The page's path and query without its language, or None where it is no page of this node."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.path.startswith(NO_PAGES):
        return None
    query = {name: values[0] for name, values in sorted(parse_qs(parts.query).items()) if name != "lang"}
    return parts.path + ("?" + urlencode(query) if query else "")


def in_language(path, language):
    return path + ("&" if "?" in path else "?") + f"lang={language}"


def is_page(url):
    """Whether a node answers there with a page, and not with a feed or a file."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10) as answer:
            return answer.headers.get_content_type() == "text/html"
    except urllib.error.HTTPError:
        return False


def discover(browser, base):
    """Every page that links lead to from the overview, a few of each kind."""
    pages, waiting, counts = [], ["/"], {}
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        counts[kind_of(path)] = counts.get(kind_of(path), 0) + 1
        if counts[kind_of(path)] > SAMPLE or not is_page(base + path):
            continue
        browser.open(base + in_language(path, "en"))
        require(browser.run("return document.querySelector('h1') !== null;"), f"{path} has no heading of the first level")
        pages.append(path)
        for url in browser.run(LINKS):
            found = canonical(url) if url.startswith(base) else None
            if found and found not in known:
                known.add(found)
                waiting.append(found)
    return pages


def check_languages(browser, base, pages):
    """Every page is in its language, and says so; returns the heaviest's weight."""
    heaviest = 0
    for path in of_each_kind(pages):
        titles = set()
        for language, tag in LANGUAGES.items():
            browser.open(base + in_language(path, language))
            found = browser.run("return [document.documentElement.lang, document.title,"
                                " document.querySelector('main').innerText.length];")
            require(found[0] == tag, f"{path} in {language} says that it is in {found[0]}")
            require(found[2] > 100, f"{path} in {language} is empty")
            titles.add(found[1])
            weight = browser.run(WEIGHT)
            require(0 < weight <= MAXIMUM_WEIGHT, f"{path} in {language} weighs {weight} bytes")
            heaviest = max(heaviest, weight)
        require(len(titles) == len(LANGUAGES), f"{path} has one title for several languages: {titles}")
    return heaviest


def check_without_script(browser, base, pages):
    """What a page says stands in its document already."""
    count = "return [document.querySelectorAll('main *').length, document.querySelector('main').innerText.length];"
    browser.set_scripts(False)
    try:
        for path in pages:
            browser.open(base + in_language(path, "en"))
            elements, letters = browser.run(count)
            require(elements > 5 and letters > 100, f"{path} is empty without JavaScript")
            require(browser.run("return document.querySelector('main h1').checkVisibility();"),
                    f"{path} shows no heading without JavaScript")
    finally:
        browser.set_scripts(True)


def check_widths(browser, base, pages):
    """Nothing has to be scrolled sideways, on a telephone (WCAG 2.2, 1.4.10), a tablet or a desk."""
    try:
        for width, languages in WIDTHS.items():
            browser.set_width(width)
            for path in of_each_kind(pages):
                for language in languages:
                    browser.open(base + in_language(path, language))
                    wide = browser.run(OVERFLOW)
                    require(not wide, f"{path} in {language} is wider than {width} pixels:\n  " + "\n  ".join(wide))
    finally:
        browser.set_width(1280)


def check_keyboard(browser, base, pages):
    """Tab comes to every control, shows where it is, and first to the link that skips to the content."""
    reached = 0
    for path in of_each_kind(pages):
        browser.open(base + in_language(path, "en"))
        if not browser.run("return document.querySelector('[data-slot=controls]') === null;"):
            browser.wait("the verifier's controls", "!document.querySelector('[data-slot=controls]').hidden")
        # A page that renews itself meanwhile would begin anew; by script, since a click moves where Tab starts.
        browser.run("document.getElementById('pause')?.click();")
        expected = browser.run(WATCH_FOCUS, FOCUSABLE)
        # A date has a stop for each of its parts.
        dates = browser.run("return document.querySelectorAll('input[type=date]').length;")
        browser.press(*[TAB] * (expected + 1 + 4 * dates))
        seen = browser.run("return seen;")
        require(seen and 'class="skip"' in seen[0]["name"], f"{path}: Tab comes first to {seen[:1]}, no link to the content")
        different = {one["index"] for one in seen}
        require(len(different) >= expected, f"{path}: Tab comes to {len(different)} of {expected} controls")
        unseen = [one["name"] for one in seen if not (one["visible"] and one["inside"])]
        require(not unseen, f"{path}: no focus is to be seen on\n  " + "\n  ".join(unseen[:5]))
        reached += len(different)
    browser.open(base + in_language("/", "en"))
    browser.press(TAB, "\ue007")
    require(browser.run("return location.hash;") == "#main", "the link to the content leads elsewhere")
    return reached


def of_each_kind(pages):
    """One page of each address, whatever is asked of it; two commitments, since they differ most."""
    chosen, counts = [], {}
    for path in pages:
        kind = kind_of(path.split("?")[0]) + ("with" if "transaction=" in path else "")
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= (2 if kind.startswith("commitments") else 1):
            chosen.append(path)
    return chosen


def check_accessibility(browser, base, pages, axe):
    """axe-core's rules of WCAG 2.2 AA on a page of each kind, and its contrast in the dark once more."""
    passes = 0
    light, dark = {"type": "tag", "values": WCAG}, {"type": "rule", "values": ["color-contrast"]}
    for is_dark, rules in [(False, light), (True, dark)]:
        browser.set_dark(is_dark)
        for path in of_each_kind(pages):
            browser.open(base + in_language(path, "en"))
            result = audit(browser, axe, rules)
            passes += result["passes"]
            require(not result["violations"], f"{path}{' in the dark' if is_dark else ''}:\n"
                    + json.dumps(result["violations"], indent=1, ensure_ascii=False))
    browser.set_dark(False)
    return passes


def audit(browser, axe, rules):
    return browser.run(axe + """
    return axe.run(document, { runOnly: arguments[0], resultTypes: ["violations"] }).then(({ violations, passes }) => ({
      passes: passes.length,
      violations: violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map((node) =>
        [node.html.slice(0, 160), node.failureSummary]) })),
    }));""", rules)


def check_quiet(browser, what):
    """Nothing was refused by a page's own policy, and no script failed."""
    try:
        complaints = browser.complaints()
    except BrowserError:
        say("  this driver keeps no console")
        return
    require(not complaints, f"{what}: the console says\n  " + "\n  ".join(complaints[:5]))
