// Follows a deployment, searches its plan, and writes times in the reader's own zone.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const LINES = 5000;

  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  function localTimes(root) {
    for (const time of all("time", root)) {
      time.title = time.textContent;
      time.textContent = zone.format(new Date(time.dateTime));
    }
  }

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => all("button", form).forEach((button) => (button.disabled = true)));
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    all("button", form).forEach((button) => (button.disabled = false));
  }));

  // What is folded is printed all the same, but for whole files.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open], .file, .click)");
    folded.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => folded.forEach((one) => (one.open = false)));

  localTimes(document);
  const run = $("run");
  if (!run) return;
  const answer = $("answer");
  if (answer) {
    answer.focus();
    history.replaceState(null, "", location.pathname);
  }

  // ---- the plan: search and filter
  const wanted = $("wanted");
  function search() {
    const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = new Set(all("input[name=action]:checked").map((box) => box.value));
    const resources = all(".resources > li");
    let shown = 0;
    for (const one of resources) {
      const text = one.textContent.toLowerCase();
      const fits = actions.has(one.dataset.action) && words.every((word) => text.includes(word));
      one.hidden = !fits;
      shown += fits;
    }
    const narrowed = words.length > 0 || actions.size < 4;
    for (const step of all(".planned")) {
      step.hidden = narrowed && !step.querySelector(".resources > li:not([hidden])");
    }
    $("found").textContent = narrowed ? `${shown} of ${resources.length} resources` : "";
  }
  $("search").hidden = false;
  $("search").addEventListener("input", search);
  $("unfold").addEventListener("click", () => {
    const unfold = $("unfold").getAttribute("aria-pressed") !== "true";
    $("unfold").setAttribute("aria-pressed", String(unfold));
    all(".resources > li:not([hidden]) > details").forEach((one) => (one.open = unfold));
  });

  // ---- parts that change: what was open, filled in or focused stays so
  function replace(name, html) {
    const part = $(`part-${name}`);
    if (!part) return;
    const open = new Map(all("details[id]", part).map((one) => [one.id, one.open]));
    const filled = new Map(all("textarea, select, input:not([type=hidden])", part)
      .filter((one) => one.id).map((one) => [one.id, one.value]));
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    part.innerHTML = html;
    for (const one of all("details[id]", part)) if (open.has(one.id)) one.open = open.get(one.id);
    for (const [id, value] of filled) if ($(id)) $(id).value = value;
    if (focused && $(focused)) $(focused).focus();
    localTimes(part);
    if (name === "plan") search();
    const lead = part.querySelector(".wanted");
    if (lead && lead.textContent !== $("news").textContent) $("news").textContent = lead.textContent;
    const title = part.querySelector("[data-title]");
    const state = part.querySelector(".eyebrow .badge");
    if (title && state) document.title = `${state.textContent}: ${title.dataset.title} · Signoff`;
  }

  // ---- the log
  const address = (path) => (run.dataset.token ? `${path}?t=${run.dataset.token}` : path);
  function section(key) {
    const known = all("[data-run]", $("runs")).find((one) => one.dataset.run === key);
    if (known) return known;
    const made = $("run-template").content.firstElementChild.cloneNode(true);
    made.dataset.run = key;
    made.querySelector(".whole").href = address(`${location.pathname}/log/${key}`);
    $("runs").append(made);
    $("no-log").hidden = true;
    follow(made);
    return made;
  }
  function follow(one) {
    one.querySelector(".follow").hidden = false;
    const log = one.querySelector(".log");
    const box = one.querySelector(".follow input");
    log.addEventListener("scroll", () => {
      box.checked = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    });
    box.addEventListener("change", () => box.checked && (log.scrollTop = log.scrollHeight));
    one.addEventListener("toggle", () => box.checked && (log.scrollTop = log.scrollHeight));
    log.scrollTop = log.scrollHeight;
  }
  all("[data-run]", $("runs")).forEach(follow);
  function append(news) {
    const one = section(news.run);
    one.querySelector(".run-title").textContent = news.title;
    const state = one.querySelector(".run-state");
    state.textContent = news.state;
    state.className = `badge run-state ${news.state.replace(" ", "-")}`;
    const log = one.querySelector(".log");
    log.setAttribute("aria-label", `Log of ${news.title}`);
    if (!news.lines.length) return;
    const last = one.querySelector(".follow input").checked;
    for (const line of news.lines) log.append(`${line}\n`);
    log.normalize();
    const text = log.textContent.split("\n");
    if (text.length > 1.2 * LINES) log.textContent = text.slice(-LINES).join("\n");
    if (last) log.scrollTop = log.scrollHeight;
  }

  // ---- live
  let cursor = run.dataset.after;
  let source = null;
  let telling = 0;
  function told(words) {
    clearTimeout(telling);
    telling = 0;
    $("connection").textContent = words;
  }
  function heard(event) {
    cursor = event.lastEventId || cursor;
    return JSON.parse(event.data);
  }
  function listen() {
    const query = new URLSearchParams({ after: cursor });
    if (run.dataset.token) query.set("t", run.dataset.token);
    source = new EventSource(`${run.dataset.live}?${query}`);
    source.addEventListener("part", (event) => {
      const news = heard(event);
      replace(news.part, news.html);
    });
    source.addEventListener("log", (event) => append(heard(event)));
    source.addEventListener("open", () => told(""));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) {
        told("This page does not follow any more. Load it anew.");
      } else {
        telling ||= setTimeout(told, 3000, "The connection is interrupted; trying again.");
      }
    });
  }
  listen();

  // A browser has few connections to a host: a tab that nobody looks at gives its own back.
  let leaving = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(leaving);
    if (document.visibilityState === "hidden") {
      leaving = setTimeout(() => {
        source.close();
        source = null;
      }, 60000);
    } else if (!source) {
      listen();
    }
  });
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
