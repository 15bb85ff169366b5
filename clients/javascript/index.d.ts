import type {
  Advocate, Balance, Case, Claim, Decision, Event, EventAnswer, Explanation, Item, ListToDecide, NativeEvent, Payout, Person, Posting,
  Program, Progress, Published, Queued, Referral, Reward, RewardRecord,
} from "./models.js";

export type * from "./models.js";

/** The key under which a command is done once; a new one by default. */
export interface Said {
  idempotencyKey?: string;
}

export interface Reasoned extends Said {
  reason: string;
  note?: string;
}

export interface GoodwordOptions {
  url: string;
  key: string;
  /** Milliseconds for one try. */
  timeout?: number;
  /** How often a call is sent again after no answer, 429, 503 or a proxy's 502 and 504. */
  retries?: number;
  fetch?: typeof fetch;
  /** How events go that are added rather than sent. */
  queue?: Queue;
}

export class Goodword {
  constructor(options: GoodwordOptions);
  readonly events: Events;
  readonly rewards: Rewards;
  readonly approvals: Approvals;
  readonly payouts: Payouts;
  readonly people: People;
  readonly cases: Cases;
  readonly claims: Claims;
  readonly programs: Programs;
  readonly log: Log;
  /** Read what has no call of its own here. */
  get(path: string, params?: Record<string, unknown>): Promise<any>;
  /** Say what has no call of its own here, once, however often it is sent. */
  say(method: string, path: string, body?: unknown, options?: Said): Promise<any>;
  /** Send what waits and take no more; how many events could not be sent in this time. */
  close(timeout?: number): Promise<number>;
}

export interface Events {
  /**
   * Send one event; it is durable when this resolves. `wait`: seconds, ten at most, in which the answer may bring its decision.
   * One without an id is given one, in the event itself. Rejects with EventRefusedError, ApiError, UnreachableError.
   */
  send(event: NativeEvent, options?: { wait?: number }): Promise<EventAnswer>;
  /** Send events; an answer for each, in order. A wrong one costs its neighbours nothing. */
  sendMany(events: Iterable<NativeEvent>): Promise<EventAnswer[]>;
  /** Let the queue send an event, behind your back; returns its id. Throws FullError. */
  add(event: NativeEvent): string;
  /** Wait until the server has all that was added; whether it has. */
  flush(timeout?: number): Promise<boolean>;
  /** Where an event stands, by its id or its evt. */
  get(event: string, options?: { source?: string }): Promise<Event>;
  /** Every decision about something, with its sentences. */
  explain(id: string): Promise<Explanation>;
}

export interface Rewards {
  list(filters?: {
    status?: string; program?: string; beneficiary?: string; conversion?: string; payout?: string;
  }): AsyncGenerator<Reward, void>;
  /** What is in review, in the order in which it asks for somebody. */
  queue(filters?: {
    program?: string; unit?: string; payee?: string; risk?: number; mine?: boolean; aside?: boolean; sort?: string;
  }): AsyncGenerator<Queued, void>;
  get(reward: string): Promise<Reward>;
  /** All that a reward is decided by. */
  record(reward: string): Promise<RewardRecord>;
  /** Say that you opened a reward's evidence: what is flagged is approved by who looked. */
  look(reward: string, options?: { seconds?: number } & Said): Promise<Decision>;
  reject(items: Item[], why: { withheld?: string } & Reasoned): Promise<Decision>;
  hold(items: Item[], why: Reasoned): Promise<Decision>;
}

export interface Approvals {
  /** The frozen list of these rewards, a thousand at most. */
  list(rewards: string[]): Promise<ListToDecide>;
  /** The frozen list of all in review that you could approve now. */
  queue(filters?: { program?: string; limit?: number }): Promise<ListToDecide>;
  /** Approve a list as it was shown: all of it or nothing. Of two who must, the second sends the same list. */
  approve(seen: ListToDecide, options?: Said): Promise<Decision>;
  /** Take approvals back before the release. */
  withdraw(items: Item[], why: Reasoned): Promise<Decision>;
}

export interface Payouts {
  list(filters?: { status?: string; beneficiary?: string; rail?: string }): AsyncGenerator<Payout, void>;
  get(payout: string): Promise<Payout>;
  /** Gather approved rewards that are due into payouts. */
  draft(rail: string, unit: string, options?: { beneficiaries?: string[] } & Said): Promise<Decision>;
  /** The frozen list of these payouts, a thousand at most. */
  toRelease(payouts: string[]): Promise<ListToDecide>;
  /** Release a list as it was shown: all of it or nothing. */
  release(seen: ListToDecide, options?: Said): Promise<Decision>;
  /** Take a payout back before its rail was called. */
  cancel(payout: string, why: { reason: string } & Said): Promise<Decision>;
}

export interface People {
  /** A person by the name that you gave them. */
  find(externalId: string): Promise<Person>;
  get(person: string): Promise<Person>;
  /** Enter where a beneficiary is paid. */
  setPayee(person: string, rail: string, details: Record<string, string>, options?: Said): Promise<Decision>;
  advocates(filters?: { program?: string; person?: string }): AsyncGenerator<Advocate, void>;
  referrals(filters?: { friend?: string }): AsyncGenerator<Referral, void>;
}

export interface Cases {
  list(filters?: { status?: string }): AsyncGenerator<Case, void>;
  get(case_: string): Promise<Case>;
}

export interface Claims {
  list(filters?: { status?: string; friend?: string }): AsyncGenerator<Claim, void>;
  get(claim: string): Promise<Claim>;
}

export interface Programs {
  list(): AsyncGenerator<Program, void>;
  publish(document: string, options?: { name?: "rules.yaml" | "rules.json" } & Said): Promise<Published>;
}

export interface Log {
  /** Entries in order of their position. `after`: behind this position. */
  entries(filters?: { after?: string }): AsyncGenerator<Decision, void>;
  balances(filters?: { owner?: string; account?: string }): AsyncGenerator<Balance, void>;
  postings(): AsyncGenerator<Posting, void>;
  progress(): Promise<Progress>;
}

/** An event that will not count as it is; `event` is the JSON that was sent. */
export interface Refused {
  id: string;
  code: string;
  field: string | null;
  event: string;
}

export interface QueueOptions {
  /** How many events go at once, and for how many milliseconds one waits for others. */
  batch?: number;
  interval?: number;
  /** What may wait, beyond which `add` throws FullError. */
  mostEvents?: number;
  mostBytes?: number;
  /** Called for each event that will not count as it is; by default it is told on the console. */
  onRefused?: (refused: Refused) => void;
  /** Milliseconds that the end of the process may wait for what is left. */
  atExit?: number;
}

export class Queue {
  constructor(options?: QueueOptions);
  /** How many wait, those on their way among them. */
  readonly length: number;
}

/** Any of these. */
export class GoodwordError extends Error {}

/** Nobody answered, or only that there is no room, also after every retry: send the same again later. */
export class UnreachableError extends GoodwordError {}

/** The server said no. */
export class ApiError extends GoodwordError {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field: string | null;
  readonly errors: Array<{ path: string; expected: string; found?: string }>;
  /** Of a command that was refused, its decision in the log. */
  readonly evt: string | null;
}

/** This event cannot be used as it is. */
export class EventRefusedError extends GoodwordError {
  readonly id: string | null;
  readonly code: string;
  readonly field: string | null;
}

/** The queue holds as much as it may. */
export class FullError extends GoodwordError {}

/** The delivery is not to be believed. */
export class WebhookError extends GoodwordError {
  readonly reason: "headers" | "timestamp" | "signature" | "body";
}

type Headers_ = Headers | Map<string, string> | Record<string, string | string[] | undefined>;

/** An endpoint's secrets, by Standard Webhooks: one, or two and more while one is replaced by another. */
export class Webhook {
  constructor(secrets: string | string[], options?: { tolerance?: number });
  /** What a delivery says. `body`: as it came, before anything parsed it. Rejects with WebhookError. */
  verify(body: string | Uint8Array, headers: Headers_): Promise<any>;
  /** The id of a delivery that is to be believed, whatever its body is. */
  check(body: string | Uint8Array, headers: Headers_): Promise<string>;
}
