// One of the real clients for Node says what it is given, as speak.py does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [name, url, key] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
// JSON has no NaN: it is written as a word here.
const said = JSON.parse(readFileSync(0, "utf8"), (_, value) => (value === "NaN" ? NaN : value));
const failed = [];
process.on("uncaughtException", (error) => failed.push(String(error))); // RudderStack's throws where nobody can catch it

if (name === "segment") {
  const { Analytics } = require("@segment/analytics-node");
  const client = new Analytics({ writeKey: key, host: url, flushAt: 100, flushInterval: 1000, maxRetries: 2 });
  client.on("error", (error) => failed.push(String(error.reason ?? error.code)));
  for (const call of said) client[call.type](call);
  await client.closeAndFlush();
} else {
  const { default: module } = await import(require.resolve("@rudderstack/rudder-sdk-node"));
  const Rudder = module.default ?? module;
  const client = new Rudder(key, { dataPlaneUrl: url, flushAt: 100, flushInterval: 1000 });
  for (const call of said) client[call.type](call);
  await client.flush().catch((error) => failed.push(String(error)));
}
process.on("exit", () => process.stdout.write(failed.join("\n")));
