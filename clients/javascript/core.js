// What server and page share: requests that are sent again where they may be, events that wait, errors.

const AGAIN = new Set([429, 502, 503, 504]); // no room just now, or a proxy that reaches no server
const MOST_EVENTS = 1_000;
const MOST_BYTES = 1_000_000; // the server reads 1 MiB
const MOST_KEPT_ALIVE = 60_000; // browsers refuse a request that outlives its page beyond 64 KiB
const FIRST = 250, LONGEST = 30_000, LONGEST_ASKED = 300_000; // milliseconds between two tries
// What may be otherwise later; an event has an id, so that it may be sent again. A key is put right while events wait.
const mayPass = (status) => [0, 401, 403, 408, 429].includes(status) || status >= 500;
const utf8 = new TextEncoder();

/** Any of these. */
export class GoodwordError extends Error {
  constructor(message, more) {
    super(message);
    this.name = new.target.name;
    Object.assign(this, more);
  }
}

/** Nobody answered, or only that there is no room, also after every retry: send the same again later. */
export class UnreachableError extends GoodwordError {}

/** The server said no. */
export class ApiError extends GoodwordError {
  constructor(status, problem) {
    const { code = "unreadable_answer", detail = "", errors = [], evt = null } = problem ?? {};
    const field = errors[0]?.path ?? null;
    super(`${code}: ${detail} (${status}${field ? `, ${field}` : ""})`, { status, code, detail, errors, field, evt });
  }
}

/** This event cannot be used as it is. */
export class EventRefusedError extends GoodwordError {
  constructor({ id, status, code = status, field = null }) {
    super(`${code}: event ${id}${field ? `, ${field}` : ""}`, { id, code, field });
  }
}

/** The queue holds as much as it may. */
export class FullError extends GoodwordError {}

let random = globalThis.crypto;

/** Name where randomness and HMAC come from, where they are no globals. */
export function provide(crypto) {
  random ??= crypto;
}

/** A new id. */
export function newId() {
  return Array.from(random.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
}

function encoded(value) {
  return JSON.stringify(value, (name, one) => {
    if (typeof one === "number" && !Number.isFinite(one)) throw new GoodwordError(`${name} is no number`);
    return one;
  });
}

// An id of an event's own, in the event itself: whoever sends it again sends the same.
function withId(event) {
  event.id ??= newId();
  return event.id;
}

/** The answer of one event that counts, now or before. */
export function accepted(answer) {
  if (answer.status === "conflict" || answer.status === "invalid") throw new EventRefusedError(answer);
  return answer;
}

/** Milliseconds until the next try: what the server asks for, and by chance more, so that not all come back at once. */
function pause(tried, after = null) {
  let asked = after === null || after.trim() === "" ? 0 : Number(after) * 1000;
  if (Number.isNaN(asked)) asked = (Date.parse(after) || 0) - Date.now();
  return Math.min(Math.max(asked, 0), LONGEST_ASKED) + Math.random() * Math.min(LONGEST, FIRST * 2 ** tried);
}

/** A key at a server. */
export class Connection {
  #url;
  #key;
  #options;

  constructor(url, key, { timeout = 30_000, retries = 6, fetch = globalThis.fetch, keepalive = false } = {}) {
    this.#url = String(new URL(url)).replace(/\/+$/, "");
    this.#key = key;
    this.#options = { timeout, retries, fetch: fetch.bind(globalThis), keepalive };
  }

  /** The bytes of a request that many events may share. */
  get atOnce() {
    return this.#options.keepalive ? MOST_KEPT_ALIVE : MOST_BYTES;
  }

  /** Read. Parameters that are undefined or null are left out; of an array each is said. */
  get(path, params = {}) {
    return this.ask("GET", path, { params });
  }

  /** Say, once, however often it is sent. */
  say(method, path, body, { idempotencyKey = newId() } = {}) {
    return this.ask(method, path, { body: encoded(body), headers: { "idempotency-key": idempotencyKey } });
  }

  /** Go through a list, page by page, as far as it is asked for. */
  async *pages(path, filters = {}, after = undefined) {
    do {
      const page = await this.get(path, { ...filters, after });
      yield* page.items;
      after = page.after;
    } while (after !== undefined && after !== null);
  }

  /** Send events that are one, and return their answers. */
  async events(events, wait) {
    const headers = wait === undefined ? {} : { prefer: `wait=${wait}` };
    return (await this.ask("POST", "/v1/events", { body: encoded(events), headers })).items;
  }

  /** Send one event. */
  async send(event, { wait } = {}) {
    withId(event);
    return accepted((await this.events(event, wait))[0]);
  }

  /** Send events, as many requests as they need. */
  async sendMany(events) {
    const answers = [];
    let batch = [], size = 0;
    const go = async () => {
      if (batch.length) answers.push(...(await this.ask("POST", "/v1/events", { body: `[${batch}]` })).items);
      batch = [];
      size = 0;
    };
    for (const event of events) {
      withId(event);
      const one = encoded(event);
      const bytes = utf8.encode(one).length + 1;
      if (batch.length === MOST_EVENTS || size + bytes > MOST_BYTES) await go();
      batch.push(one);
      size += bytes;
    }
    await go();
    return answers;
  }

  /** Send a request, again where it may be. */
  async ask(method, path, request = {}) {
    for (let tried = 0; ; tried++) {
      const answer = await this.once(method, path, request);
      if (answer.status !== 0 && !AGAIN.has(answer.status)) return read(answer);
      if (tried === this.#options.retries) throw new UnreachableError(answer.problem ?? String(read.problem(answer)));
      await new Promise((go) => setTimeout(go, pause(tried, answer.after)));
    }
  }

  /** Send a request once; the status is 0 where nobody answered. */
  async once(method, path, { params = {}, body, headers = {} } = {}) {
    const url = new URL(this.#url + path);
    for (const [name, value] of Object.entries(params)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined && one !== null) url.searchParams.append(name, String(one));
      }
    }
    const wait = headers.prefer ? 15_000 : 0;
    const keepalive = this.#options.keepalive && utf8.encode(body ?? "").length <= MOST_KEPT_ALIVE;
    try {
      const answer = await this.#options.fetch(url.href, {
        method,
        body,
        keepalive,
        credentials: "omit",
        signal: AbortSignal.timeout(this.#options.timeout + wait),
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
      });
      return { status: answer.status, text: await answer.text(), after: answer.headers.get("retry-after") };
    } catch (error) {
      return { status: 0, after: null, problem: `${error.name}: ${error.cause?.message ?? error.message}` };
    }
  }
}

function read(answer) {
  if (answer.status === 204) return undefined;
  if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.text);
  throw read.problem(answer);
}

read.problem = ({ status, text }) => {
  let told = null;
  try {
    told = JSON.parse(text);
  } catch {
    // A proxy's page, not ours.
  }
  return new ApiError(status, told ?? { detail: text.slice(0, 200) });
};

/**
 * Events that wait to be sent, behind the caller's back and in order, many at once, until the server has them; never more than it may
 * hold. A batch goes when `batch` events wait or `interval` milliseconds are over.
 */
export class Queue {
  #waiting = [];
  #bytes = 0;
  #gone = 0;
  #flushes = new Set();
  #options;
  #most;
  #connection;
  #running = null;
  #timer = null;
  #wake = () => {};
  #flushing = 0;
  #ended = false;
  #gaveUp = false;
  #refusedWith = 0;

  constructor(options = {}) {
    const told = ({ id, code, field }) => console.error(`goodword: event ${id} was not taken: ${code} ${field ?? ""}`);
    this.#options = { batch: 200, interval: 500, mostEvents: 20_000, mostBytes: 32 << 20, onRefused: told, atExit: 5_000, ...options };
    this.#most = Math.min(this.#options.batch, MOST_EVENTS);
    globalThis.process?.once?.("beforeExit", () => this.#ended || this.close());
  }

  /** Say by what it sends; done by the client that it belongs to. */
  connect(connection) {
    this.#connection = connection;
  }

  /** How many wait, those on their way among them. */
  get length() {
    return this.#waiting.length;
  }

  /** Let an event be sent, and return its id. */
  add(event) {
    if (this.#ended) throw new GoodwordError("the client is closed");
    const id = withId(event);
    const body = encoded(event);
    const bytes = utf8.encode(body).length + 1;
    if (bytes > MOST_BYTES) throw new GoodwordError(`event ${id} is larger than a request may be`);
    if (this.#waiting.length >= this.#options.mostEvents || this.#bytes + bytes > this.#options.mostBytes) {
      throw new FullError(`${this.#waiting.length} events wait already`);
    }
    this.#waiting.push({ id, body, bytes, at: Date.now() });
    this.#bytes += bytes;
    this.#running ??= this.#run();
    if (this.#waiting.length >= this.#options.batch) this.#wake("batch");
    return id;
  }

  /** Wait until the server has all that waits now; whether it has. */
  async flush(timeout = Infinity) {
    this.#flushing++;
    this.#timer?.ref?.();
    this.#wake("batch");
    const last = this.#gone + this.#waiting.length;
    const done = await new Promise((go) => {
      if (!this.#waiting.length) return go(true);
      const flush = { last, go: () => go(true) };
      this.#flushes.add(flush);
      if (timeout === Infinity) return;
      const late = setTimeout(() => this.#flushes.delete(flush) && go(false), timeout);
      flush.go = () => clearTimeout(late) || go(true);
    });
    this.#flushing--;
    return done;
  }

  /** Send what waits and take no more; return how many could not be sent in this time. */
  async close(timeout = this.#options.atExit) {
    this.#ended = true;
    this.#wake();
    await this.flush(timeout);
    this.#gaveUp = true;
    this.#wake();
    if (this.#waiting.length) console.error(`goodword: ${this.#waiting.length} events were not sent`);
    return this.#waiting.length;
  }

  async #run() {
    await null; // the caller's own turn ends first
    for (let tried = 0; this.#waiting.length && !this.#gaveUp; ) {
      const since = this.#waiting[0].at + this.#options.interval - Date.now();
      if (!tried && since > 0 && !this.#flushing && this.#waiting.length < this.#options.batch) {
        await this.#rest(since, true);
        continue;
      }
      const after = await this.#send(this.#cut(), tried);
      tried = after === null ? 0 : tried + 1;
      if (after !== null && !this.#gaveUp) await this.#rest(after, false);
    }
    this.#running = null;
  }

  // What waits keeps no process from ending, unless somebody waits for it: the end sends it.
  #rest(milliseconds, batching) {
    return new Promise((go) => {
      const timer = (this.#timer = setTimeout(go, milliseconds));
      if (!this.#ended && !this.#flushing) timer.unref?.();
      this.#wake = (why) => {
        if (why === "batch" && !batching) return;
        clearTimeout(timer);
        go();
      };
    });
  }

  #cut() {
    const batch = [];
    let size = 0;
    for (const one of this.#waiting) {
      size += one.bytes;
      if (batch.length && (batch.length === this.#most || size + 1 > this.#connection.atOnce)) break;
      batch.push(one);
    }
    return batch;
  }

  // Send a batch once; the milliseconds after which it is to be sent again, null: it is done.
  async #send(batch, tried) {
    const answer = await this.#connection.once("POST", "/v1/events", { body: `[${batch.map((one) => one.body)}]` });
    if (mayPass(answer.status)) {
      this.#say(answer);
      return pause(tried, answer.after);
    }
    this.#refusedWith = 0;
    if (answer.status === 413 && batch.length > 1) {
      this.#most = Math.ceil(batch.length / 2); // a proxy before the server takes less than it does
      return 0;
    }
    let items;
    try {
      ({ items } = read(answer));
    } catch (error) {
      if (!(error instanceof ApiError)) return pause(tried); // not what the server says
      items = batch.map(() => ({ status: "invalid", code: error.code }));
    }
    batch.forEach(({ id, body }, place) => {
      const { status, code = status, field = null } = items[place];
      if (status === "conflict" || status === "invalid") this.#tell({ id, code, field, event: body });
    });
    this.#waiting.splice(0, batch.length);
    this.#bytes -= batch.reduce((sum, one) => sum + one.bytes, 0);
    this.#gone += batch.length;
    for (const flush of this.#flushes) {
      if (flush.last <= this.#gone && this.#flushes.delete(flush)) flush.go();
    }
    return null;
  }

  // Say once, until it is otherwise, what somebody has to mend: a key, a server.
  #say(answer) {
    if (answer.status === 0 || AGAIN.has(answer.status) || answer.status === this.#refusedWith) return;
    this.#refusedWith = answer.status;
    console.error(`goodword: ${this.#waiting.length} events wait and are sent again: ${read.problem(answer).message}`);
  }

  #tell(refused) {
    try {
      this.#options.onRefused(refused);
    } catch (error) {
      console.error("goodword: onRefused threw", error);
    }
  }
}
