// The review page: search, filters, folding and keys. All else works without a script.
"use strict";
(() => {
  const root = document.documentElement;
  const all = [...document.querySelectorAll(".entry")];
  const byId = (id) => document.getElementById(id);
  root.classList.add("live");

  // What a browser remembers between visits; an attachment may not be let near it.
  const store = (key, value) => {
    try {
      if (value === undefined) return localStorage.getItem(`patchkit.${key}`);
      localStorage.setItem(`patchkit.${key}`, value);
    } catch {
      // nothing is remembered
    }
    return null;
  };
  const chosen = (name) => [...document.querySelectorAll(`input[name="${name}"]`)];
  const next = (name) => {
    const choices = chosen(name);
    const choice = choices[(choices.findIndex((c) => c.checked) + 1) % choices.length];
    choice.checked = true;
    store(name, choice.id);
  };
  for (const name of ["view", "theme"]) {
    const kept = chosen(name).find((choice) => choice.id === store(name));
    if (kept) kept.checked = true;
    for (const choice of chosen(name)) choice.addEventListener("change", () => store(name, choice.id));
  }

  // Search and filters
  const find = byId("find");
  const choices = ["recipe", "fix"].map(byId).filter(Boolean);
  const lines = [...document.querySelectorAll(".contents > li")];
  const boxes = [...document.querySelectorAll(".chip input")];
  const texts = new Map();
  const text = (entry) => {
    if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
    return texts.get(entry);
  };
  const fits = (entry, words) =>
    boxes.every((box) => box.checked || !entry.classList.contains(box.dataset.kind || `lint-${box.dataset.lint}`)) &&
    choices.every((choice) => !choice.value || entry.dataset[choice.id] === choice.value) &&
    words.every((word) => text(entry).includes(word));
  // What was searched for is marked where it can be seen.
  const ranges = function* (entry, words) {
    const walker = document.createTreeWalker(entry, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const value = walker.currentNode.data.toLowerCase();
      for (const word of words) {
        for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + word.length)) {
          yield new StaticRange({ startContainer: walker.currentNode, startOffset: at, endContainer: walker.currentNode, endOffset: at + word.length });
        }
      }
    }
  };
  const mark = () => {
    if (!window.Highlight || !find) return;
    const found = new Highlight();
    const open = sought().length ? all.filter((entry) => !entry.hidden && entry.querySelector(":scope > details[open]")) : [];
    for (const entry of open) for (const range of ranges(entry, sought())) if (found.size < 5000) found.add(range);
    CSS.highlights.set("found", found);
  };
  const sought = () => (find ? find.value.toLowerCase().split(/\s+/).filter(Boolean) : []);
  const filter = () => {
    const words = sought();
    let shown = 0;
    for (const entry of all) {
      entry.hidden = !fits(entry, words);
      shown += !entry.hidden;
    }
    for (const line of lines) line.hidden = byId(line.dataset.for).hidden;
    mark();
    byId("nothing").hidden = shown > 0;
    if (byId("count")) byId("count").value = shown === all.length ? `${shown} shown` : `${shown} of ${all.length} shown`;
  };
  let waiting;
  if (find) find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  for (const control of [...choices, ...boxes]) control.addEventListener("change", filter);
  document.addEventListener("toggle", (event) => event.target.matches(".entry > details") && sought().length && mark(), true);
  filter(); // a browser that comes back fills the fields in again

  // Folding
  const visible = () => all.filter((entry) => !entry.hidden);
  const details = (entry) => entry.querySelector(":scope > details");
  const fold = (open) => {
    for (const entry of visible()) if (details(entry)) details(entry).open = open;
  };
  for (const [id, open] of [["unfold", true], ["fold", false]]) {
    if (byId(id)) byId(id).addEventListener("click", () => fold(open));
  }
  const reveal = () => {
    const entry = location.hash && byId(location.hash.slice(1));
    if (entry && entry.matches(".entry") && details(entry)) details(entry).open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper shows everything that is not filtered out.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = visible().flatMap((entry) => [...entry.querySelectorAll("details:not([open], .box)")]);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });

  // Keys
  const heads = () => visible().map((entry) => entry.querySelector("summary")).filter(Boolean);
  const step = (by) => {
    const list = heads();
    const here = list.findIndex((head) => head.closest(".entry").contains(document.activeElement));
    const head = list[here < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(here + by, 0), list.length - 1)];
    if (!head) return;
    head.focus({ preventScroll: true });
    head.scrollIntoView({ block: "start" });
  };
  const keys = {
    "/": () => find && find.focus(),
    j: () => step(1),
    k: () => step(-1),
    e: () => fold(true),
    f: () => fold(false),
    u: () => next("view"),
    t: () => next("theme"),
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === find) {
      find.value = "";
      find.blur();
      filter();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea")) return;
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
