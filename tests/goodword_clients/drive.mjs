// Makes calls of the JavaScript client: reads {url, key, record, calls: [[name, arguments]]} and prints what each came to, and what was asked.
import { readFileSync } from "node:fs";
import { Goodword, Queue, Webhook } from "../../clients/javascript/index.js";

const { url, key, record, calls, options = {}, queue = {} } = JSON.parse(readFileSync(0, "utf8"));
const asked = [];
const refused = [];
const nothing = { items: [], after: null };
const recorded = async (address, { method, body, headers }) => {
  asked.push({ method, url: address, body: body ? JSON.parse(body) : null, headers });
  const items = method === "POST" && address.endsWith("/v1/events") ? [].concat(JSON.parse(body)).map(({ id }) => ({ id, status: "accepted" })) : [];
  return new Response(JSON.stringify({ ...nothing, items }), { status: 200 });
};
const gw = new Goodword({
  url,
  key,
  ...options,
  ...(record ? { fetch: recorded } : {}),
  queue: new Queue({ ...queue, onRefused: (one) => refused.push(one) }),
});

async function made([name, args]) {
  if (name === "webhook") {
    const [secrets, body, headers, more] = args;
    return new Webhook(secrets, more).verify(body, headers);
  }
  const [method, ...parts] = name.split(".").reverse();
  const found = parts.reduceRight((one, part) => one[part], gw);
  const given = found[method](...args);
  if (typeof given?.next !== "function") return given;
  const all = [];
  for await (const one of given) all.push(one);
  return all;
}

const results = [];
for (const call of calls) {
  try {
    results.push({ gave: (await made(call)) ?? null });
  } catch (error) {
    const { name, message, status, code, field, reason, id } = error;
    results.push({ raised: { name, message, status, code, field, reason, id } });
  }
}
const parts = Object.entries(gw).map(([name, part]) =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(part)).filter((one) => one !== "constructor").map((one) => `${name}.${one}`),
);
const own = Object.getOwnPropertyNames(Goodword.prototype).filter((one) => one !== "constructor");
console.log(JSON.stringify({ results, asked, refused, methods: [...own, ...parts.flat()] }));
