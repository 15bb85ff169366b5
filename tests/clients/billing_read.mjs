// Paddle's and Polar's libraries read what our tests sign: argv: system, secret, headers, the second in which it is read; the body on the standard input.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [system, secret, head, second] = process.argv.slice(2);
// Paddle's verifier takes what was signed five seconds ago at most: a machine that is slow to begin is not what is asked about.
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length ? given : [Number(second) * 1000]));
  }
  static now() {
    return Number(second) * 1000;
  }
};
const require = createRequire(`${process.cwd()}/`);
const body = readFileSync(0, "utf8");
const headers = JSON.parse(head);
let found;
try {
  if (system === "paddle") {
    const { Paddle } = require("@paddle/paddle-node-sdk");
    // Its reader wants every field of a type; its verifier is what is asked for.
    const valid = await new Paddle("own").webhooks.isSignatureValid(body, secret, headers["paddle-signature"]);
    found = { valid, type: valid ? JSON.parse(body).event_type : null };
  } else {
    const { webhooks } = await import(require.resolve("@polar-sh/sdk/2026-10"));
    const event = await webhooks.validateEvent(body, headers, secret);
    found = { valid: true, type: event.type };
  }
} catch (error) {
  found = { valid: false, type: null, told: `${error?.constructor?.name}: ${error?.message}` };
}
process.stdout.write(JSON.stringify(found));
