// Keys of every page: j and k move, Enter opens, / searches, g and a letter goes, ? helps, others decide. Dead in text fields.

const rows = () => [...document.querySelectorAll("a.row-link")];
const typing = (at) => at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

const deed = (detail) => new CustomEvent("deed", { detail, cancelable: true }); // deeds.js takes it, where it means something

let going = false;

function move(by) {
  const all = rows();
  const shown = document.querySelector(".here .row-link"); // what stands in the drawer
  const here = all.indexOf(all.includes(document.activeElement) ? document.activeElement : shown);
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function go(letter) {
  const link = [...document.querySelectorAll("a[data-key]")].find((one) => one.dataset.key === letter);
  if (link) location.assign(link.href);
}

const does = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => document.querySelector("dialog.help")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") event.target.closest("form[data-sends]")?.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (going) {
    going = false;
    go(event.key);
    return;
  }
  const arrow = event.key.startsWith("Arrow");
  if (arrow && rows().indexOf(document.activeElement) < 0) return; // else nobody could scroll
  if (event.key === "g") going = true;
  else if (does[event.key]) does[event.key]();
  else if (!/^[a-z0-9]$/.test(event.key) || document.dispatchEvent(deed(event.key))) return;
  event.preventDefault();
});
