// Keys that say something, in list and record alike: each presses the button on which it stands, or opens what has to be filled in first.

const drawer = document.querySelector(".drawer");
const room = matchMedia("(min-width: 64rem)"); // for the drawer
const THERE = { rewards: "dehrs", cases: "1234ehst" };
let next = null; // what to do once a record is open

// What a key is for: in the open record where one stands in it, else of what is selected, else of what is open, else of the page.
function button(letter) {
  const inside = drawer?.contains(document.activeElement) ? drawer : null;
  const places = [inside, document.querySelector(".picked:not([hidden])"), drawer, document];
  const found = places.map((place) => place?.querySelector(`[data-deed="${letter}"]`)).find(Boolean);
  return found?.disabled || found?.closest("[inert]") ? null : found;
}

// A key that says something presses its button, or opens what has to be filled in first.
function deed(letter) {
  const at = button(letter);
  if (!at) return at === undefined && there(letter);
  if (at.tagName === "DETAILS") {
    at.open = true;
    at.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  } else at.click();
  return true;
}

// What stands on the record alone, a key in the list opens there.
function there(letter) {
  const row = document.activeElement;
  const keys = row.matches("a.row-link") && THERE[row.pathname.split("/").at(-2)];
  if (!keys || !keys.includes(letter)) return false;
  next = letter;
  if (room.matches) row.click();
  else location.assign(`${row.href}#${letter}`);
  return true;
}

document.addEventListener("deed", (event) => deed(event.detail) && event.preventDefault());
drawer?.addEventListener("htmx:afterSettle", () => {
  const letter = next;
  next = null;
  if (letter && button(letter)) deed(letter);
});
// An address opens what has to be filled in, and says nothing.
const named = document.querySelector(`details[data-deed="${/^#[a-z]$/.test(location.hash) ? location.hash[1] : ""}"]`);
if (named) deed(location.hash[1]);
