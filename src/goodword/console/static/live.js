// The stream of a page: that the log has grown, and who else is at a record. Without it the page looks by itself every few seconds.

const main = document.querySelector("main[data-live]");
const POLL = 5000; // milliseconds, without a stream
const AGAIN = 60000; // until a stream is tried again
const LONG = 30000; // after which it is said anew at which record one is
let position = main?.dataset.position;
let at = ""; // the record at which one is, as the address says it
let since = 0;
let source = null;
let timer = null;

const say = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

function poll() {
  stop();
  const until = Date.now() + AGAIN;
  timer = setInterval(() => (Date.now() > until ? begin() : say("grown")), POLL);
}

function begin() {
  stop();
  since = Date.now();
  source = new EventSource(`${main.dataset.live}?after=${position}${at}`);
  source.addEventListener("message", (event) => {
    position = event.data;
    say("grown");
  });
  source.addEventListener("here", (event) => say("here", JSON.parse(event.data)));
  source.addEventListener("error", () => source?.readyState === EventSource.CLOSED && poll());
}

function stop() {
  source?.close();
  source = null;
  clearInterval(timer);
}

function moved({ detail }) {
  if (detail === at && (!at || Date.now() - since < LONG)) return;
  at = detail;
  if (!document.hidden) begin();
}

if (main) {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : begin())); // few streams
  document.addEventListener("live:at", moved);
  document.addEventListener("live:stop", stop); // signed out, or not theirs
  addEventListener("pagehide", stop);
  begin();
}
