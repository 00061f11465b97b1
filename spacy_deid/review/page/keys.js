// Keys: what keys and clicks do; files in and out.

const KEYS = {
  ArrowDown: () => stepSpan(1),
  ArrowUp: () => stepSpan(-1),
  ArrowRight: () => stepNote(1),
  ArrowLeft: () => stepNote(-1),
  n: nextOpen,
  a: accept,
  Enter: accept,
  x: reject,
  Delete: reject,
  r: openLabels,
  s: startSelecting,
  e: cycleScope,
  d: toggleDone,
  f: () => filterBy(view.only === "open" ? "all" : "open"),
  "/": () => element("find").focus(),
  "?": showHelp,
  Escape: escape,
};

function onKey(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (command && !event.altKey && "szy".includes(key)) {
    event.preventDefault();
    if (key === "s") download();
    else if (key === "y" || event.shiftKey) travel(store.redo(), "Redone");
    else travel(store.undo(), "Undone");
    return;
  }
  // the focus leaves a closed dialog only when the browser next draws: a quick key may come before
  const target = event.target.closest?.("dialog") ? document.body : event.target;
  const field = target.closest?.("input, select");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  const onButton = target.closest?.("button") && event.key === "Enter";
  if (event.altKey || onButton) return;
  const action = actionOf(event, key, command);
  if (!action) return;
  event.preventDefault();
  action();
}

function actionOf(event, key, command) {
  if (view.selecting && key.startsWith("Arrow")) {
    if (command) return () => moveByCharacter(key === "ArrowRight" ? 1 : -1);
    return () => moveSelection(key, event.shiftKey);
  }
  if (command || (!element("single-keys").checked && key.length === 1)) return null;
  if (view.selection && key === "Enter") return openLabels;
  if (event.shiftKey && key === "Enter") return acceptRest;
  if (/^[1-9]$/.test(key)) return input.labels[key - 1] && (() => label(input.labels[key - 1].name));
  return KEYS[key];
}

function escape() {
  view.scope = "place";
  leaveSelection();
  draw();
}

function acceptRest() {
  const changed = store.acceptOpen(view.note);
  draw();
  say(changed ? "Accepted the open spans of this note" : "No open span in this note");
}

function filterBy(only) {
  view.only = only;
  element("only").value = only;
  draw();
  say(only === "all" ? "All spans are shown" : "Open spans only");
}

// not the attribute autofocus, which a browser heeds when the page opens too, and complains of where a field has the focus
function showHelp() {
  element("help").showModal();
  element("close-help").focus();
}

// ---- the list of labels

function openLabels() {
  if (!(view.selection ?? view.span)) return;
  element("label-find").value = "";
  element("label-title").textContent = quoted();
  drawLabels();
  element("labels-dialog").showModal();
  element("label-find").focus();
}

function labelsShown() {
  const typed = element("label-find").value.trim().toUpperCase();
  return input.labels.filter(({ name }) => name.toUpperCase().includes(typed));
}

function drawLabels(at = 0) {
  const items = labelsShown().map(({ name, category }, index) =>
    make("li", { id: `label-${index}`, data: { name, category }, aria: { role: "option", selected: String(index === at) } }, make("span", { className: "label" }, name), keyHint(name)),
  );
  element("labels").replaceChildren(...items);
  element("label-find").setAttribute("aria-activedescendant", items.length ? `label-${at}` : "");
  items[at]?.scrollIntoView({ block: "nearest" });
}

function keyHint(name) {
  const number = input.labels.findIndex((each) => each.name === name) + 1;
  return number <= 9 ? make("kbd", {}, String(number)) : "";
}

function onLabelKey(event) {
  const items = [...element("labels").children];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    drawLabels((at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length);
  } else if (event.key === "Enter" && items[at]) {
    event.preventDefault();
    choose(items[at].dataset.name);
  } else if (/^[1-9]$/.test(event.key) && !event.target.value && input.labels[event.key - 1]) {
    event.preventDefault();
    choose(input.labels[event.key - 1].name);
  }
}

function choose(name) {
  element("labels-dialog").close();
  label(name);
}

// ---- files

function download() {
  const url = URL.createObjectURL(new Blob([store.save()], { type: "application/jsonl" }));
  make("a", { href: url, download: "review.jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  store.saved = store.past.at(-1) ?? null;
  draw();
  say("Saved as review.jsonl where the browser keeps downloads");
}

async function load(file) {
  try {
    const [taken, leftOut] = store.load(await file.text());
    say(`${taken} notes loaded` + (leftOut ? `; ${leftOut} left out, since this page has no such note with the same text` : ""));
  } catch {
    say("This file is no saved review: one JSON object a line is expected. Nothing was changed.");
  }
  draw();
}

// ---- clicks and fields

function on(id, event, act) {
  element(id).addEventListener(event, act);
}

function start() {
  const sources = [...new Set(store.notes.flatMap(({ spans }) => spans.map(({ source }) => source)))].filter(Boolean).sort();
  element("source").append(...sources.map((source) => make("option", { value: source }, source)));
  document.addEventListener("keydown", onKey);
  const clicks = { accept, reject, pick: openLabels, undo: () => travel(store.undo(), "Undone"), redo: () => travel(store.redo(), "Redone") };
  Object.assign(clicks, { save: download, load: () => element("file").click(), done: toggleDone, rest: acceptRest, "next-open": nextOpen });
  Object.assign(clicks, { "open-help": showHelp, "close-help": () => element("help").close() });
  for (const [id, act] of Object.entries(clicks)) on(id, "click", act);
  for (const scope of SCOPES) on(`scope-${scope}`, "change", () => ((view.scope = scope), drawDecision()));
  on("file", "change", ({ target }) => target.files[0] && load(target.files[0]).then(() => (target.value = "")));
  on("find", "input", ({ target }) => ((view.find = target.value.trim()), draw()));
  on("only", "change", ({ target }) => filterBy(target.value));
  on("source", "change", ({ target }) => ((view.source = target.value), draw()));
  on("below", "input", ({ target }) => ((view.below = target.value === "" ? 1.01 : Number(target.value)), draw()));
  on("notes", "click", ({ target }) => target.closest("[data-note]") && toNote(Number(target.closest("[data-note]").dataset.note)));
  on("spans", "click", ({ target }) => target.closest("[data-span]") && toSpan(note().spans[target.closest("[data-span]").dataset.span]));
  on("labels", "click", ({ target }) => target.closest("li") && choose(target.closest("li").dataset.name));
  on("label-find", "input", () => drawLabels());
  on("labels-dialog", "keydown", onLabelKey);
  document.addEventListener("mouseup", ({ target }) => {
    if (!element("text").contains(target) || takeSelection()) return;
    leaveSelection();
    const piece = target.closest("[data-span]");
    if (piece) toSpan(note().spans[piece.dataset.span]);
    else draw();
  });
  window.addEventListener("beforeunload", (event) => store.dirty && event.preventDefault());
  draw();
}

start();
