// Opening the evidence of a flagged reward: shown at once, and said once a visit, with how long it was open, when it is closed or decided.

const MOST = 60_000; // then it is said, though it is still open
let visit = null; // what was opened and is not said yet

function open(button, form) {
  const item = button.closest("li");
  item.querySelector(".seen").hidden = false;
  const said = Object.assign(document.createElement("span"), { className: "quiet", textContent: "opened", tabIndex: -1 });
  button.replaceWith(said);
  form.since ??= performance.now();
  const [all, left] = [form.querySelectorAll("li"), form.querySelectorAll("button")];
  const count = form.closest("section").querySelector("[data-count]");
  count.textContent = `${all.length - left.length} of ${all.length} open checks opened`;
  (left[0] ?? said).focus({ preventScroll: true });
  if (left.length) return;
  visit = { form, timer: setTimeout(tell, MOST) };
  const place = form.closest(".drawer, .record");
  place.querySelectorAll("[data-rule]").forEach((rule) => rule.remove());
  place.querySelectorAll("[data-needs]").forEach((needs) => (needs.disabled = false));
}

function tell() {
  if (!visit) return Promise.resolve();
  const { form, timer } = visit;
  visit = null;
  clearTimeout(timer);
  const body = new URLSearchParams(new FormData(form));
  body.set("seconds", Math.round((performance.now() - form.since) / 1000));
  const said = fetch(form.action, { method: "POST", body, keepalive: true, headers: { accept: "application/json" } });
  return said.then(() => document.dispatchEvent(new Event("said"))); // a list that was chosen may hold it now
}

function sent(event) {
  const form = event.target;
  if (form.matches("[data-evidence]")) {
    event.preventDefault();
    open(event.submitter ?? form.querySelector("button"), form);
  } else if (visit && form.method === "post") {
    event.preventDefault(); // decided: first it is said that one looked
    event.stopPropagation();
    const again = () => form.requestSubmit(event.submitter);
    tell().then(again, again);
  }
}

document.addEventListener("submit", sent, true);
addEventListener("pagehide", tell);
new MutationObserver(() => visit && !visit.form.isConnected && tell()).observe(document.body, { childList: true, subtree: true });
