import type { EventAnswer, NativeEvent } from "./models.js";
import type { GoodwordOptions } from "./index.js";

export { ApiError, EventRefusedError, FullError, GoodwordError, Queue, UnreachableError } from "./index.js";
export type { QueueOptions, Refused } from "./index.js";

/** What brought the visitor, as an event names it: one of the two, or nothing. */
export function referral(): { click_id?: string; link_code?: string };

/** Said by the banner that asks: yes keeps, no forgets. */
export function consent(yes: boolean): void;

/** Let an analytics client that is no global say with each call what brought the visitor. */
export function watch(client: object): void;

/** A publishable key at a server: what it sends is evidence, which your server's own events prove. */
export class Goodword {
  constructor(options: GoodwordOptions);
  /** Send one event; it is durable when this resolves. */
  send(event: NativeEvent): Promise<EventAnswer>;
  /** Let the queue send an event; returns its id. Throws FullError. */
  add(event: NativeEvent): string;
  /** Wait until the server has all that was added; whether it has. */
  flush(timeout?: number): Promise<boolean>;
}
