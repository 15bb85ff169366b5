// Stripe's library for Node signs what it is given, or reads it: `sign SECRET TIME`, or `read SECRET HEADER`; the body comes in.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const Stripe = createRequire(`${process.cwd()}/`)("stripe");
const [what, secret, other] = process.argv.slice(2);
const payload = readFileSync(0).toString();
const webhooks = (Stripe.default ?? Stripe).webhooks ?? new (Stripe.default ?? Stripe)("sk_test_none").webhooks;
if (what === "sign") {
  process.stdout.write(webhooks.generateTestHeaderString({ payload, secret, timestamp: Number(other) }));
} else {
  process.stdout.write(webhooks.constructEvent(payload, other, secret).id);
}
