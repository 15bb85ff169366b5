// Who else is at a record, in its row and on it; and what a colleague made of it while it stood open.

const main = () => document.querySelector("main[data-live]"); // may be replaced
const drawer = document.querySelector(".drawer");
const record = () => drawer?.querySelector("[data-record]") ?? main().querySelector("[data-record]");
const id = (row) => row.querySelector("a.row-link").pathname.split("/").pop();
let here = {}; // record -> what is said
let timer = null;

function fill(place, text = "") {
  if (place.textContent !== text) place.textContent = place.title = text;
  place.hidden = !text;
}

function tell() {
  for (const place of main().querySelectorAll("tr .others")) fill(place, here[id(place.closest("tr"))]);
  const at = record();
  if (at && !at.dataset.over) fill(at, here[at.dataset.record]);
}

function at() {
  const it = record();
  const deciding = document.querySelector(".decide details[open]") ? "&deciding" : "";
  const detail = it && !it.dataset.over ? `&at=${it.dataset.record}${deciding}` : "";
  document.dispatchEvent(new CustomEvent("live:at", { detail }));
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(at, 300); // who only passes by is not there
}

function over(cell) {
  const [it, reward] = [record(), id(cell.closest("tr"))];
  if (it?.dataset.record === reward && it.dataset.approval !== cell.dataset.approval) {
    it.dataset.over = "1";
    fill(it, cell.dataset.told);
    for (const part of document.querySelectorAll(".decide")) part.inert = true;
    it.parentElement.querySelector("[data-state]").innerHTML = cell.querySelector(".line1").innerHTML;
    soon();
  }
  const row = [...main().querySelectorAll("tr:has(a.row-link)")].find((one) => id(one) === reward);
  row?.querySelector("td.app").replaceWith(document.adoptNode(cell));
  const box = row?.classList.contains("gone") && row.querySelector("td.box input");
  if (box) [box.checked, box.disabled] = [false, true];
}

async function became(rewards) {
  if (!main().dataset.now || !rewards.length) return;
  const query = new URLSearchParams(rewards.map((one) => ["id", one]));
  const answer = await fetch(`${main().dataset.now}?${query}`, { headers: { accept: "text/html", "x-by-itself": "1" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelectorAll("td.app[data-told]").forEach(over);
}

if (main()) {
  document.addEventListener("live:here", ({ detail }) => tell((here = detail)));
  document.addEventListener("live:rows", ({ detail }) => {
    tell();
    became(detail.map((path) => path.split("/").pop()).slice(0, 50)).catch(() => {});
  });
  document.addEventListener("live:grown", () => {
    const it = main().querySelector("[data-record]");
    if (it && !it.dataset.over) became([it.dataset.record]).catch(() => {});
  });
  for (const does of ["keydown", "pointerdown", "toggle"]) document.addEventListener(does, soon, true);
  if (drawer) new MutationObserver(() => (tell(), soon())).observe(drawer, { childList: true });
  soon();
}
