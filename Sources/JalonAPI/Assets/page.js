"use strict";
(() => {
  const live = document.getElementById("live");
  const button = document.getElementById("pause");
  let paused = false, waiting = false, timer = 0, asked = -150, skew = 0;

  const language = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" });
  const measure = () => {
    skew = Date.now() - Number(document.getElementById("main").dataset.now);
  };
  const age = () => {
    for (const element of document.querySelectorAll("time[data-time]")) {
      const seconds = Math.max(0, Math.round((Date.now() - skew - Number(element.dataset.time)) / 1000));
      const [unit, size] = seconds < 120 ? ["second", 1] : seconds < 7200 ? ["minute", 60]
        : seconds < 172800 ? ["hour", 3600] : ["day", 86400];
      element.textContent = relative.format(-Math.floor(seconds / size), unit);
    }
  };

  const refresh = async () => {
    timer = 0;
    // What the reader is at work on must not be taken away.
    if (document.querySelector("[data-still]")) return;
    if (paused || document.hidden) { waiting = true; return; }
    waiting = false;
    asked = performance.now();
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      const old = document.getElementById("main");
      if (!next || paused) return;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      old.replaceWith(document.adoptNode(next));
      if (focused) {
        for (const link of next.querySelectorAll("a")) {
          if (link.getAttribute("href") === focused) { link.focus({ preventScroll: true }); break; }
        }
      }
      measure();
      age();
    } catch { waiting = true; }
  };
  // At once where nothing was asked for a while; a burst of blocks is one request.
  const soon = () => { if (!timer) timer = setTimeout(refresh, Math.max(0, asked + 150 - performance.now())); };

  const label = () => { button.textContent = paused ? button.dataset.resume : button.dataset.pause; };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    paused = !paused;
    label();
    if (!paused && waiting) soon();
  });

  let feed = null, lost = false;
  const listen = () => {
    feed = new EventSource("/v1/feed");
    feed.addEventListener("open", () => {
      live.textContent = "● " + live.dataset.live;
      if (lost) soon();
      lost = false;
    });
    feed.addEventListener("error", () => { live.textContent = "✖ " + live.dataset.lost; lost = true; });
    feed.addEventListener("block", soon);
  };
  // A browser opens six streams to a node at most (HTTP/1.1) and then waits for ever, so a page that nobody sees, in
  // another tab or kept for going back, has none; seen again, it renews itself.
  const follow = () => {
    if (document.hidden) {
      feed?.close();
      feed = null;
      lost = true;
    } else if (!feed) listen();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
  measure();
  setInterval(() => { if (!paused) age(); }, 1000);
})();
