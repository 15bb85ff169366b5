// What the log brings while a list is shown: its rows change where they stand, and new ones wait behind a button.

const main = document.querySelector("main[data-live]");
const address = location.href; // the drawer changes it
const fresh = document.querySelector(".fresh");
let looking = false;
let more = false; // whether something came while it looked

const link = (row) => row.querySelector("a.row-link");
const rows = (root) => new Map([...root.querySelectorAll("tbody tr:has(a.row-link)")].map((row) => [link(row).pathname, row]));
const used = (row) => row.matches(":hover, :focus-within") || row.querySelector(":checked") !== null;
const state = (row) => row.querySelector("td.app")?.dataset.approval;

function renew(before, after) {
  before.className = after.className + (before.classList.contains("here") ? " here" : "");
  if (before.innerHTML === after.innerHTML || used(before)) return;
  const [kept, next] = [link(before), link(after)]; // the drawer knows its row by its link
  kept.replaceChildren(...next.childNodes);
  next.replaceWith(kept);
  before.replaceChildren(...after.children);
}

function compare(page) {
  const [before, after] = [rows(main), rows(page)];
  const decided = []; // what others decided meanwhile
  for (const [path, row] of before) {
    const now = after.get(path);
    if (now ? state(now) !== state(row) : !row.classList.contains("gone")) decided.push(path);
    if (now) renew(row, now);
    else row.classList.add("gone"); // it stays where it is until one moves on
  }
  const count = [...after.keys()].filter((path) => !before.has(path)).length;
  fresh.hidden = count === 0;
  fresh.textContent = `${count} new`;
  for (const part of [".side nav", ".tabs", ".live", ".queued"]) {
    const [here, there] = [document.querySelector(part), page.querySelector(part)];
    if (here && there && !here.matches(":focus-within")) here.innerHTML = there.innerHTML;
  }
  document.dispatchEvent(new CustomEvent("live:rows", { detail: decided }));
}

async function look() {
  more = looking;
  if (looking) return;
  looking = true;
  try {
    const answer = await fetch(address, { headers: { accept: "text/html", "x-by-itself": "1" } });
    if (answer.ok) compare(new DOMParser().parseFromString(await answer.text(), "text/html"));
    else if (answer.status < 500) document.dispatchEvent(new Event("live:stop"));
  } catch {
    // away: the next look tells
  }
  looking = false;
  if (more) look();
}

if (main && !main.querySelector("[data-record]")) {
  document.addEventListener("live:grown", look);
  fresh.addEventListener("click", () => location.assign(address));
}
