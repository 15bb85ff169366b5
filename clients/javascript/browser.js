// The client of Goodword for pages, under a publishable key: what it sends is evidence, which your server's own events prove.
// What a link brought is kept by goodword.js, here in the bundle rather than in a tag of its own.

import "./goodword.js";
import { Connection, Queue } from "./core.js";

export { ApiError, EventRefusedError, FullError, GoodwordError, Queue, UnreachableError } from "./core.js";

/** What brought the visitor, as an event names it: {click_id}, {link_code} or nothing. */
export const referral = () => globalThis.goodword.referral();

/** Said by the banner that asks: yes keeps, no forgets. */
export const consent = (yes) => globalThis.goodword.consent(yes);

/** Let an analytics client that is no global say with each call what brought the visitor. */
export const watch = (client) => globalThis.goodword.watch(client);

/** A publishable key at a server. What waits goes when the page is hidden, which may be its end. */
export class Goodword {
  #connection;
  #queue;

  constructor({ url, key, queue, ...options }) {
    this.#connection = new Connection(url, key, { keepalive: true, ...options });
    this.#queue = queue ?? new Queue({ batch: 20 });
    this.#queue.connect(this.#connection);
    addEventListener("pagehide", () => this.#queue.flush());
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#queue.flush(), true);
  }

  /** Send one event; it is durable when this resolves. */
  send(event) {
    return this.#connection.send(event);
  }

  /** Let the queue send an event; returns its id. */
  add(event) {
    return this.#queue.add(event);
  }

  /** Wait until the server has all that was added; whether it has. */
  flush(timeout) {
    return this.#queue.flush(timeout);
  }
}
