// One of the real clients for browsers says what it is given on a page, in jsdom, as speak.py does. What it sends goes over jsdom's
// XMLHttpRequest, which asks beforehand whether it may, as browsers do.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [name, url, key, page] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const said = JSON.parse(readFileSync(0, "utf8"), (_, value) => (value === "NaN" ? NaN : value));
const failed = [];
process.on("uncaughtException", (error) => failed.push(String(error)));

const { JSDOM, VirtualConsole } = require("jsdom");
const { window } = new JSDOM("<!doctype html><head><script></script></head><body></body>", {
  url: page,
  pretendToBeVisual: true,
  runScripts: "dangerously",
  virtualConsole: new VirtualConsole().on("jsdomError", (error) => failed.push(String(error.message))),
});

let open = 0;
const told = (request) => {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split("\r\n")) {
    const [name, ...rest] = line.split(": ");
    if (name) headers.set(name, rest.join(": "));
  }
  return new Response(request.status === 204 ? null : request.responseText, { status: request.status, headers });
};
window.fetch = (to, { method = "GET", headers = {}, body } = {}) =>
  new Promise((resolve, reject) => {
    const request = new window.XMLHttpRequest();
    request.open(method, String(to));
    for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
    request.onload = () => resolve(told(request));
    request.onerror = () => reject(new TypeError("the browser does not let it be sent"));
    request.send(body);
  });
const { send } = window.XMLHttpRequest.prototype;
window.XMLHttpRequest.prototype.send = function (body) {
  open += 1;
  this.addEventListener("loadend", () => (open -= 1));
  send.call(this, body);
};
for (const one of ["document", "navigator", "location", "localStorage", "sessionStorage", "XMLHttpRequest", "history", "Event", "CustomEvent", "Node", "HTMLElement", "fetch", "screen", "addEventListener", "removeEventListener"])
  Object.defineProperty(globalThis, one, { value: typeof window[one] === "function" && /^[a-z]/.test(one) ? window[one].bind(window) : window[one], configurable: true, writable: true });
globalThis.window = globalThis.self = window;

if (name === "segment") {
  const { AnalyticsBrowser } = require("@segment/analytics-next");
  const protocol = { integrations: { "Segment.io": { protocol: "http" } } }; // this server speaks no TLS
  const [client] = await AnalyticsBrowser.load({ writeKey: key, cdnURL: url }, protocol);
  for (const { type, userId, event, properties, traits } of said)
    await (type === "identify" ? client.identify(userId, traits) : client.track(event, properties));
} else {
  const { RudderAnalytics } = require("@rudderstack/analytics-js/bundled");
  const client = new RudderAnalytics();
  await new Promise((ready) => {
    client.load(key, url, { configUrl: url, polyfillIfRequired: false, logLevel: "ERROR", onLoaded: ready });
    setTimeout(ready, 5000).unref();
  });
  for (const { type, userId, event, properties, traits } of said)
    type === "identify" ? client.identify(userId, traits) : client.track(event, properties);
}
// They send when they like: until nothing has been on its way for a second.
for (let quiet = 0; quiet < 10; quiet = open ? 0 : quiet + 1) await new Promise((done) => setTimeout(done, 100));
process.stdout.write(failed.join("\n"));
process.exit(0);
