// Rows are selected with x, a range with shift and x; their sums stand beneath.

const form = document.getElementById("picks");
const place = document.querySelector(".picked");
const boxes = () => [...document.querySelectorAll('td.box input[form="picks"]:enabled')];
const drawer = document.querySelector(".drawer");
const row = () => (document.activeElement?.closest("tr") ?? document.querySelector("tr.here"))?.querySelector("td.box input:enabled");
let last = null; // the box that was changed last: where a range begins
let asked = 0;

async function show() {
  const chosen = boxes().filter((box) => box.checked);
  for (const box of boxes()) box.closest("tr").classList.toggle("chosen", box.checked);
  const mine = ++asked;
  if (!chosen.length) {
    place.hidden = true;
    place.replaceChildren();
    return;
  }
  place.querySelector("button[data-deed]")?.setAttribute("disabled", ""); // of the list before
  const query = new URLSearchParams(new FormData(form)); // the boxes are of the form
  const answer = await fetch(`${form.action}?${query}`, { headers: { accept: "text/html" } });
  if (mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const bar = page.querySelector("form.money-bar");
  if (!answer.ok || !bar) location.assign(`${form.action}?${query}`);
  else place.replaceChildren(document.adoptNode(bar));
  place.hidden = false;
}

function set(box, on, range) {
  const all = boxes();
  const [from, to] = [all.indexOf(range && last ? last : box), all.indexOf(box)].sort((a, b) => a - b);
  for (const one of all.slice(from, to + 1)) one.checked = on;
  last = box;
  show();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  if (document.querySelector("dialog[open]")) return;
  const box = row();
  const letter = event.key.toLowerCase();
  if (letter === "x" && box) set(box, !box.checked, event.shiftKey);
  else if (event.key === "Escape" && !place.hidden && !document.querySelector(".with-drawer")) {
    for (const one of boxes()) one.checked = false;
    show();
  } else if (form.dataset.keys.includes(event.key) && place.hidden && box && !document.querySelector(".with-drawer")) set(box, true, false);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

if (form) {
  form.hidden = true; // what it says, the bar says better
  document.addEventListener("click", (event) => {
    const box = event.target.closest('td.box input[form="picks"]');
    if (box) set(box, box.checked, event.shiftKey);
  });
  document.addEventListener("keydown", key, true);
  drawer.addEventListener("htmx:afterSettle", () => (drawer.querySelector("[data-select]").hidden = !row()));
  drawer.addEventListener("click", (event) => event.target.closest("[data-select]") && set(row(), !row().checked, false));
  document.addEventListener("said", show); // beside the list, of one that may be chosen
  show(); // a browser keeps boxes when one comes back
}
