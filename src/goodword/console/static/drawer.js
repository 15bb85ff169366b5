// A row opens its record beside the list, where there is room, under the address of its own page.

const drawer = document.querySelector(".drawer");
const frame = document.querySelector(".frame");
const room = matchMedia("(min-width: 64rem)");
const address = () => location.pathname + location.search;
const [list, title] = [address(), document.title];
let shown = null; // the link of the row that is open
let entering = false; // whether the focus goes in

const rows = () => [...document.querySelectorAll("a.row-link")].filter(fits);

function fits(link) {
  const folder = link.pathname.replace(/[^/]*$/, "");
  return drawer.dataset.beside.split(" ").includes(folder);
}

function mark(link) {
  shown?.closest("tr")?.classList.remove("here");
  link?.closest("tr")?.classList.add("here");
  shown = link;
}

function show(link) {
  if (!link || link === shown) return;
  history[shown ? "replaceState" : "pushState"](null, "", link.href);
  mark(link);
  for (const part of drawer.children) part.inert = true; // of the record before
  htmx.ajax("GET", link.href, { source: drawer, target: drawer, swap: "innerHTML" });
}

function hide() {
  const row = shown;
  mark(null);
  frame.classList.remove("with-drawer");
  drawer.hidden = true;
  drawer.replaceChildren();
  document.title = title;
  row.focus();
}

function filled(event) {
  if (!shown || (event && event.detail.pathInfo.requestPath !== shown.href)) return; // gone on
  const all = rows();
  drawer.hidden = false;
  frame.classList.add("with-drawer");
  drawer.querySelector(".place").textContent = `${all.indexOf(shown) + 1} of ${all.length}`;
  const head = drawer.querySelector(".title");
  document.title = `${head.textContent} · ${title}`;
  if (entering) head.focus({ preventScroll: true });
  entering = false;
  shown.scrollIntoView({ block: "nearest" });
}

function click(event) {
  const does = event.target.closest("[data-drawer]")?.dataset.drawer;
  if (does === "close") history.back();
  else if (does) show(rows()[rows().indexOf(shown) + Number(does)]);
  const link = event.target.closest("a.row-link");
  if (!link || !room.matches || !fits(link) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  entering = true;
  if (link === shown) filled();
  show(link);
}

function key(event) {
  if (event.key !== "Escape" || !shown || document.querySelector("dialog[open]")) return;
  if (!event.target.closest("input, textarea, select")) history.back();
}

if (drawer) {
  const follow = ({ target }) => shown && target.matches("a.row-link") && fits(target) && show(target);
  document.addEventListener("click", click);
  document.addEventListener("focusin", follow);
  document.addEventListener("keydown", key);
  drawer.addEventListener("htmx:afterSwap", filled);
  for (const failed of ["responseError", "sendError"]) drawer.addEventListener(`htmx:${failed}`, () => location.reload());
}

addEventListener("popstate", () => {
  if (shown && address() === list) hide();
  else if (address() !== list) location.reload();
});
