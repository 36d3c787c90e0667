"use strict";
// The page is whole without this: it only keeps what is shown up to date, and goes over to another node where this one
// falls silent. Parts are replaced as the server renders them; nothing is put together here.
(() => {
  const live = document.getElementById("live");
  const button = document.getElementById("pause");
  const others = (document.body.dataset.nodes || "").split(" ").filter((node) => node);
  // Between two refreshes, so that a ledger at full speed does not make every reader fetch without end; the first is at once.
  const PAUSE = 300;
  // A stream that is lost for longer is taken for a node that is gone.
  const PATIENCE = 5000;
  let paused = false, waiting = false, missed = false, timer = 0, skew = 0, refreshed = 0, leaving = 0;

  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short", numeric: "always" });
  const measure = (main) => { skew = Date.now() - Number(main.dataset.now); };
  const age = () => {
    for (const element of document.querySelectorAll("time[data-time]")) {
      const seconds = Math.max(0, Math.round((Date.now() - skew - Number(element.dataset.time)) / 1000));
      const [unit, size] = seconds < 120 ? ["second", 1] : seconds < 7200 ? ["minute", 60]
        : seconds < 172800 ? ["hour", 3600] : ["day", 86400];
      const text = relative.format(-Math.floor(seconds / size), unit);
      if (element.textContent !== text) element.textContent = text;
    }
  };

  // A part's markup without what changes by itself: the ages, and which details are open.
  const essence = (part) => {
    const copy = part.cloneNode(true);
    for (const time of copy.querySelectorAll("time[data-time]")) time.textContent = "";
    for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
    return copy.innerHTML;
  };
  const replace = (old, next) => {
    if (essence(old) === essence(next)) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = new Set([...old.querySelectorAll("details[open]")].map((details) => details.id));
    const fresh = document.adoptNode(next);
    for (const details of fresh.querySelectorAll("details")) if (details.id && open.has(details.id)) details.open = true;
    old.replaceWith(fresh);
    fresh.classList.add("fresh");
    if (focused) {
      const link = [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
      if (link) link.focus({ preventScroll: true });
    }
  };

  const refresh = async () => {
    timer = 0;
    if (paused || document.hidden) { waiting = true; return; }
    waiting = false;
    refreshed = Date.now();
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.getElementById("main");
      if (!main || paused) return;
      for (const old of document.querySelectorAll("[data-part]")) {
        const next = page.querySelector(`[data-part="${old.dataset.part}"]`);
        if (next) replace(old, next);
      }
      measure(main);
      age();
    } catch { waiting = true; }
  };
  const soon = () => { if (!timer) timer = setTimeout(refresh, Math.max(0, refreshed + PAUSE - Date.now())); };

  const label = () => { button.textContent = paused ? button.dataset.resume : button.dataset.pause; };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    paused = !paused;
    label();
    if (!paused && waiting) soon();
  });

  // No block tells that a quorum is gone, that others are ahead, or that the node takes no more blocks, so the node is asked for its own state now and then.
  const ask = async () => {
    if (paused || document.hidden) return;
    try {
      const status = await (await fetch("/v1/head", { cache: "no-store" })).json();
      const isAlarmed = status.validators.connected < status.validators.needed
        || status.bestSignedHeight > status.head.height || status.diskShortage === "exhausted";
      if (isAlarmed !== (document.querySelector("[role=alert]") !== null)) soon();
    } catch { /* The feed says that the node is gone. */ }
  };
  setInterval(ask, 10000);

  // Another node shows the same page from then on: the first that is up to date, else the first that answers at all.
  const answers = async (address) => {
    try {
      return (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(2000) })).ok;
    } catch { return false; }
  };
  const leave = async () => {
    leaving = 0;
    for (const path of ["/health/ready", "/health/live"]) {
      for (const node of others) {
        if (node === location.origin || !await answers(node + path)) continue;
        // Its own node may be back meanwhile.
        if (!live.classList.contains("lost")) return;
        live.textContent = "→ " + live.dataset.moving;
        location.replace(node + location.pathname + location.search + location.hash);
        return;
      }
    }
    if (live.classList.contains("lost")) leaving = setTimeout(leave, PATIENCE);
  };

  const said = {
    open() {
      clearTimeout(leaving);
      leaving = 0;
      if (missed) soon();
      missed = false;
      live.classList.remove("lost");
      live.textContent = "● " + live.dataset.live;
    },
    lost() {
      if (!live.classList.contains("lost")) live.textContent = "✖ " + live.dataset.lost;
      live.classList.add("lost");
      missed = true;
      if (!leaving && others.length) leaving = setTimeout(leave, PATIENCE);
    },
    close() {
      clearTimeout(leaving);
      leaving = 0;
      missed = true;
    },
  };

  // A browser opens six streams to a node at most (HTTP/1.1) and then waits for ever, so a page that nobody sees, in
  // another tab or kept for going back, has none; seen again, it renews itself.
  let feed = null;
  const follow = () => {
    if (document.hidden) {
      if (feed) { feed.close(); said.close(); }
      feed = null;
    } else if (!feed) {
      feed = new EventSource("/v1/feed");
      feed.addEventListener("open", said.open);
      feed.addEventListener("error", said.lost);
      feed.addEventListener("block", soon);
    }
  };
  document.addEventListener("visibilitychange", follow);
  follow();

  measure(document.getElementById("main"));
  age();
  setInterval(() => { if (!paused) age(); }, 1000);
})();
