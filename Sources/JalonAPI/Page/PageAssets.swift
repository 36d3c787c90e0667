/// The two files of the page, served by the node itself.
enum PageAssets {
    static let styleSheet = """
        :root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --line: #c9c9c9; --link: #0b4f9e;
          --good: #0b6b2e; --warn: #8a4b00; --bad: #b00020; --calm: #4a4a4a; --note: #eef3fa; }
        @media (prefers-color-scheme: dark) { :root { --text: #ececec; --back: #161616; --line: #4a4a4a;
          --link: #8fc1ff; --good: #6fd695; --warn: #ffb65c; --bad: #ff8a8a; --calm: #c0c0c0; --note: #20293a; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 0 1rem 2rem; color: var(--text); background: var(--back);
          font: 1rem/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
        a { color: var(--link); }
        a:focus-visible, button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        .skip { position: absolute; left: -100rem; }
        .skip:focus { left: 1rem; top: 0.5rem; background: var(--back); padding: 0.25rem 0.5rem; }
        header { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; justify-content: space-between; align-items: center;
          border-bottom: 1px solid var(--line); }
        .ledger { font-size: 1.25rem; font-weight: 600; margin: 0.5rem 0; }
        nav a { display: inline-block; padding: 0.25rem 0.5rem; min-height: 1.5rem; }
        nav a[aria-current] { font-weight: 700; text-decoration: none; border-bottom: 2px solid; }
        .controls { min-height: 2rem; margin: 0.5rem 0; }
        button { font: inherit; padding: 0.25rem 0.75rem; min-height: 2rem; }
        .banner { padding: 0.5rem 0.75rem; border-left: 0.4rem solid; background: var(--note); }
        .alert { border-color: var(--bad); color: var(--bad); font-weight: 600; }
        .note { border-color: var(--link); }
        .banner.demo { border-color: var(--warn); }
        strong.demo { color: var(--warn); font-size: 0.8em; white-space: nowrap; }
        .digest { overflow-wrap: anywhere; font-size: 0.85em; }
        table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
        caption { text-align: left; color: var(--calm); }
        th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.5rem; text-align: left; vertical-align: top; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        .status { white-space: nowrap; font-weight: 600; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        .calm, .none { color: var(--calm); }
        dt { font-weight: 600; } dd { margin: 0 0 0.5rem; }
        blockquote { margin: 0.5rem 0; padding-left: 1rem; border-left: 0.25rem solid var(--line); }
        @media (max-width: 45rem) {
          table, tbody, tr, th, td { display: block; width: auto; }
          thead { position: absolute; left: -100rem; }
          tr { border-bottom: 2px solid var(--line); padding: 0.5rem 0; }
          th, td { border: 0; padding: 0.1rem 0; }
          td[data-label]::before { content: attr(data-label) ": "; color: var(--calm); }
          .number { text-align: left; }
          .status { white-space: normal; }
        }

        """

    /// Asks for the page again when a block comes, and puts its main part in place of the old one.
    static let script = """
        "use strict";
        (() => {
          const live = document.getElementById("live");
          const button = document.getElementById("pause");
          let paused = false, waiting = false, timer = 0, skew = 0;

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
            if (paused || document.hidden) { waiting = true; return; }
            waiting = false;
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
          const soon = () => { if (!timer) timer = setTimeout(refresh, 150); };

          const label = () => { button.textContent = paused ? button.dataset.resume : button.dataset.pause; };
          button.hidden = false;
          label();
          button.addEventListener("click", () => {
            paused = !paused;
            label();
            if (!paused && waiting) soon();
          });
          document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting) soon(); });

          const feed = new EventSource("/v1/feed");
          let lost = false;
          feed.addEventListener("open", () => {
            live.textContent = "● " + live.dataset.live;
            if (lost) soon();
            lost = false;
          });
          feed.addEventListener("error", () => { live.textContent = "✖ " + live.dataset.lost; lost = true; });
          feed.addEventListener("block", soon);
          measure();
          setInterval(() => { if (!paused) age(); }, 1000);
        })();

        """
}
