// The client of Goodword for servers: events that are never counted twice, lists, approvals with frozen lists, webhooks.

import { webcrypto } from "node:crypto";
import { Connection, GoodwordError, Queue, provide } from "./core.js";

export { ApiError, EventRefusedError, FullError, GoodwordError, Queue, UnreachableError } from "./core.js";

provide(webcrypto);
const PAGE = 200;
const seg = encodeURIComponent;

/** A key at a server. */
export class Goodword {
  #connection;
  #queue;

  constructor({ url, key, queue, ...options }) {
    const api = (this.#connection = new Connection(url, key, options));
    this.#queue = queue ?? new Queue();
    this.#queue.connect(api);
    this.events = new Events(api, this.#queue);
    this.rewards = new Rewards(api);
    this.approvals = new Approvals(api);
    this.payouts = new Payouts(api);
    this.people = new People(api);
    this.cases = new Cases(api);
    this.claims = new Claims(api);
    this.programs = new Programs(api);
    this.log = new Log(api);
  }

  /** Read what has no call of its own here. */
  get(path, params) {
    return this.#connection.get(path, params);
  }

  /** Say what has no call of its own here, once, however often it is sent. */
  say(method, path, body, options) {
    return this.#connection.say(method, path, body, options);
  }

  /** Send what waits and take no more; how many events could not be sent in this time. */
  close(timeout) {
    return this.#queue.close(timeout);
  }
}

class Part {
  constructor(api) {
    Object.defineProperty(this, "api", { value: api });
  }
}

/** What happened. */
class Events extends Part {
  constructor(api, queue) {
    super(api);
    Object.defineProperty(this, "waiting", { value: queue });
  }

  send(event, options) {
    return this.api.send(event, options);
  }

  sendMany(events) {
    return this.api.sendMany(events);
  }

  add(event) {
    return this.waiting.add(event);
  }

  flush(timeout) {
    return this.waiting.flush(timeout);
  }

  get(event, { source } = {}) {
    return this.api.get(`/v1/events/${seg(event)}`, { source });
  }

  explain(id) {
    return this.api.get(`/v1/explanations/${seg(id)}`);
  }
}

/** What beneficiaries earn. */
class Rewards extends Part {
  list({ status, program, beneficiary, conversion, payout } = {}) {
    return this.api.pages("/v1/rewards", { status, program, beneficiary, conversion, payout, limit: PAGE });
  }

  queue({ program, unit, payee, risk, mine, aside, sort } = {}) {
    return this.api.pages("/v1/rewards/queue", { program, unit, payee, risk, mine, aside, sort, limit: PAGE });
  }

  get(reward) {
    return this.api.get(`/v1/rewards/${seg(reward)}`);
  }

  record(reward) {
    return this.api.get(`/v1/rewards/${seg(reward)}/record`);
  }

  look(reward, { seconds = 0, ...options } = {}) {
    return this.api.say("POST", `/v1/rewards/${seg(reward)}/looks`, { seconds }, options);
  }

  reject(items, { reason, note, withheld, ...options }) {
    return this.api.say("POST", "/v1/rewards/rejections", { items, reason, note, withheld }, options);
  }

  hold(items, { reason, note, ...options }) {
    return this.api.say("POST", "/v1/rewards/holds", { items, reason, note }, options);
  }
}

/** Saying that rewards are owed: what was shown is sent back whole with its digest, and one item that has changed stops it. */
class Approvals extends Part {
  list(rewards) {
    return this.api.get("/v1/approvals", { id: rewards });
  }

  queue({ program, limit } = {}) {
    return this.api.get("/v1/approvals/queue", { program, limit });
  }

  approve({ items, list_sha256 }, options) {
    return this.api.say("POST", "/v1/approvals", { items, list_sha256 }, options);
  }

  withdraw(items, { reason, note, ...options }) {
    return this.api.say("POST", "/v1/approvals/withdrawals", { items, reason, note }, options);
  }
}

/** What is sent to beneficiaries. */
class Payouts extends Part {
  list({ status, beneficiary, rail } = {}) {
    return this.api.pages("/v1/payouts", { status, beneficiary, rail, limit: PAGE });
  }

  get(payout) {
    return this.api.get(`/v1/payouts/${seg(payout)}`);
  }

  draft(rail, unit, { beneficiaries, ...options } = {}) {
    return this.api.say("POST", "/v1/payouts", { rail, unit, beneficiaries }, options);
  }

  toRelease(payouts) {
    return this.api.get("/v1/payouts/release", { id: payouts });
  }

  release({ items, list_sha256 }, options) {
    return this.api.say("POST", "/v1/payouts/release", { items, list_sha256 }, options);
  }

  cancel(payout, { reason, ...options }) {
    return this.api.say("POST", `/v1/payouts/${seg(payout)}/cancel`, { reason }, options);
  }
}

/** Who refers, who was referred, who is paid. */
class People extends Part {
  find(external_id) {
    return this.api.get("/v1/people", { external_id });
  }

  get(person) {
    return this.api.get(`/v1/people/${seg(person)}`);
  }

  setPayee(person, rail, details, options) {
    return this.api.say("PUT", `/v1/people/${seg(person)}/payee`, { rail, details }, options);
  }

  advocates({ program, person } = {}) {
    return this.api.pages("/v1/advocates", { program, person, limit: PAGE });
  }

  referrals({ friend } = {}) {
    return this.api.pages("/v1/referrals", { friend, limit: PAGE });
  }
}

/** Tasks for people. */
class Cases extends Part {
  list({ status } = {}) {
    return this.api.pages("/v1/cases", { status, limit: PAGE });
  }

  get(case_) {
    return this.api.get(`/v1/cases/${seg(case_)}`);
  }
}

/** What is said about who brought a friend. */
class Claims extends Part {
  list({ status, friend } = {}) {
    return this.api.pages("/v1/claims", { status, friend, limit: PAGE });
  }

  get(claim) {
    return this.api.get(`/v1/claims/${seg(claim)}`);
  }
}

/** Rules. */
class Programs extends Part {
  list() {
    return this.api.pages("/v1/programs");
  }

  publish(document, { name = "rules.yaml", ...options } = {}) {
    return this.api.say("POST", "/v1/programs", { document, name }, options);
  }
}

/** What was decided, and what stands in the accounts. */
class Log extends Part {
  entries({ after } = {}) {
    return this.api.pages("/v1/log/entries", { limit: PAGE }, after);
  }

  balances({ owner, account } = {}) {
    return this.api.pages("/v1/ledger/balances", { owner, account, limit: PAGE });
  }

  postings() {
    return this.api.pages("/v1/ledger/postings", { limit: PAGE });
  }

  progress() {
    return this.api.get("/v1/reports/progress");
  }
}

/** The delivery is not to be believed; `reason` says why: headers, timestamp, signature or body. */
export class WebhookError extends GoodwordError {
  constructor(reason, message) {
    super(message, { reason });
  }
}

/** An endpoint's secrets, by Standard Webhooks: one, or two and more while one is replaced by another. */
export class Webhook {
  #keys;
  #tolerance;

  constructor(secrets, { tolerance = 300 } = {}) {
    const all = [secrets].flat();
    if (!all.length) throw new GoodwordError("a webhook needs a secret");
    const keys = all.map((one) => bytesOf(String(one).replace(/^whsec_/, "")));
    if (keys.some((key) => !key?.length)) throw new GoodwordError("a secret is whsec_ and base64");
    const hmac = { name: "HMAC", hash: "SHA-256" };
    this.#keys = keys.map((key) => () => webcrypto.subtle.importKey("raw", key, hmac, false, ["verify"]));
    this.#tolerance = tolerance;
  }

  /** What a delivery says. `body`: as it came, before anything parsed it. */
  async verify(body, headers) {
    await this.check(body, headers);
    try {
      return JSON.parse(typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch {
      throw new WebhookError("body", "the body is not JSON");
    }
  }

  /** The id of a delivery that is to be believed, whatever its body is. */
  async check(body, headers) {
    const [id, at, signed] = ["id", "timestamp", "signature"].map((one) => said(headers, `webhook-${one}`));
    if (!/^\d{1,15}$/.test(at) || !(Math.abs(Date.now() / 1000 - Number(at)) <= this.#tolerance)) {
      throw new WebhookError("timestamp", "the delivery is not of now");
    }
    const raw = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
    const head = new TextEncoder().encode(`${id}.${at}.`);
    const meant = new Uint8Array(head.length + raw.length);
    meant.set(head);
    meant.set(raw, head.length);
    const given = signed.split(/\s+/).filter((one) => one.startsWith("v1,")).map((one) => bytesOf(one.slice(3)));
    const keys = await Promise.all(this.#keys.map((key) => key()));
    // Every signature is compared with every secret's, each in constant time.
    const tried = given.filter(Boolean).flatMap((one) => keys.map((key) => webcrypto.subtle.verify("HMAC", key, one, meant)));
    if (!(await Promise.all(tried)).some(Boolean)) {
      throw new WebhookError("signature", "no signature is of a secret that is known here");
    }
    return id;
  }
}

function said(headers, name) {
  const all = typeof headers.entries === "function" ? [...headers.entries()] : Object.entries(headers);
  const found = all.find(([one]) => one.toLowerCase() === name)?.[1];
  const value = Array.isArray(found) ? found[0] : found;
  if (!value) throw new WebhookError("headers", `the header ${name} is not there`);
  return String(value);
}

function bytesOf(base64) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  try {
    return Uint8Array.from(atob(base64.replace(/=+$/, "")), (one) => one.charCodeAt(0));
  } catch {
    return null;
  }
}
