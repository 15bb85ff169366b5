// What is decided leads on to the next one without the page begun anew: beside the list to the next row's record, else in its place.

const rows = () => [...document.querySelectorAll("a.row-link")];
let changed = false; // whether this page is no longer the one that was loaded

async function send(event) {
  const form = event.target;
  const { name, value } = event.submitter ?? {}; // what the button says is said by the form from now on
  if (name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  const body = new URLSearchParams(new FormData(form));
  const place = form.closest(".decide") ?? form;
  for (const button of place.querySelectorAll("button")) button.disabled = true; // once
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return form.submit(); // its page says why; what was said is said once
  document.dispatchEvent(new Event("said"));
  const { see } = await answer.json();
  const to = new URL(see, location.href);
  if (!form.closest(".drawer")) return show(to);
  const here = document.querySelector("tr.here");
  const next = rows().find((row) => row.pathname === to.pathname);
  if (!next) return location.assign(to);
  const same = here?.contains(next);
  if (!same) here?.classList.add("gone");
  next.href = to.href; // what was decided in this sitting stands in the address
  next.focus(); // the drawer follows
  if (same) again(next);
}

// The record is still the one that is shown, and is another than it was.
function again(row) {
  const drawer = document.querySelector(".drawer");
  history.replaceState(null, "", row.href);
  htmx.ajax("GET", row.href, { source: drawer, target: drawer, swap: "innerHTML" });
}

async function show(to) {
  const answer = await fetch(to, { headers: { accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const decides = page && page.querySelector("main .decide, main .onward"); // what else comes has modules of its own
  if (!decides) return location.assign(to);
  for (const part of ["main", ".side nav"]) document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  document.title = page.title;
  history.pushState(null, "", to);
  changed = true;
  scrollTo(0, 0);
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches(".decide form, form.onward")) return;
  event.preventDefault();
  send(event);
});
addEventListener("popstate", () => changed && location.reload());
