// Payouts that are chosen to be looked at: what they come to stands beneath while one scrolls. x chooses, as in the queue.

const form = document.querySelector("form.choosing");
const facts = () => form.querySelector(".money-bar .facts");
const button = form?.querySelector(".money-bar button");
let asked = 0;

async function show() {
  const chosen = [...form.querySelectorAll('td.box input:checked')];
  const mine = ++asked;
  button.disabled = !chosen.length;
  if (!chosen.length) return facts().replaceChildren(button.dataset.none);
  const query = new URLSearchParams(chosen.map((box) => ["id", box.value]));
  const answer = await fetch(`${form.action}?${query}`, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = page.querySelector(".money-bar .facts");
  told?.querySelector(".limit")?.remove(); // of what follows the list itself tells
  if (mine === asked && answer.ok && told) facts().replaceWith(document.adoptNode(told));
}

function key(event) {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  const row = document.activeElement?.closest("tr") ?? document.querySelector("tr.here");
  const box = row?.querySelector("td.box input");
  if (!box) return;
  box.checked = !box.checked;
  event.preventDefault();
  show();
}

if (form) {
  form.addEventListener("change", show);
  document.addEventListener("keydown", key);
  addEventListener("pageshow", show); // a browser keeps boxes when one comes back
}
