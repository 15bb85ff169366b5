// One of the real clients for Node says what it is given, as speak.py does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [name, url, key] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
// JSON has no NaN: it is written as a word here.
const said = JSON.parse(readFileSync(0, "utf8"), (_, value) => (value === "NaN" ? NaN : value));
const failed = [];
process.on("uncaughtException", (error) => failed.push(String(error))); // RudderStack's throws where nobody can catch it
process.on("exit", () => process.stdout.write(failed.join("\n")));

if (name === "segment") {
  const { Analytics } = require("@segment/analytics-node");
  const client = new Analytics({ writeKey: key, host: url, flushAt: 100, flushInterval: 1000, maxRetries: 2 });
  client.on("error", (error) => failed.push(String(error.reason ?? error.code)));
  for (const call of said) client[call.type](call);
  await client.closeAndFlush();
} else if (name === "rudder") {
  const { default: module } = await import(require.resolve("@rudderstack/rudder-sdk-node"));
  const Rudder = module.default ?? module;
  const client = new Rudder(key, { dataPlaneUrl: url, flushAt: 100, flushInterval: 1000 });
  for (const call of said) client[call.type](call);
  await client.flush().catch((error) => failed.push(String(error)));
} else if (name === "posthog") {
  const { PostHog } = require("posthog-node");
  const client = new PostHog(key, { host: url, flushAt: 1000, flushInterval: 1000, fetchRetryDelay: 500 });
  client.on("error", (error) => failed.push(String(error)));
  for (const { type, userId: distinctId, event, properties, traits } of said) {
    if (type === "identify") client.identify({ distinctId, properties: traits });
    else client.capture({ distinctId, event, properties });
  }
  await client.shutdown();
} else if (name === "jitsu") {
  const { jitsuAnalytics } = require("@jitsu/js");
  const client = jitsuAnalytics({ host: url, writeKey: `site:${key}` });
  for (const { type, userId, event, properties, traits } of said) {
    if (type === "identify") await client.identify(userId, traits);
    else {
      await client.setAnonymousId(`visitor-${userId}`);
      await client.track(event, { ...properties });
    }
  }
} else {
  const { TrackClient } = require("customerio-node");
  const client = new TrackClient("site", key, { url: `${url}/api/v1` });
  for (const { type, userId, event, properties, traits, timestamp } of said) {
    const id = properties?.order_id ? `Order-${properties.order_id}` : undefined;
    const at = timestamp ? new Date(timestamp * 1000) : undefined;
    const done = type === "identify" ? client.identify(userId, traits) : client.track(userId, { name: event, data: properties, id, timestamp: at });
    await done.catch((error) => failed.push(String(error)));
  }
}
