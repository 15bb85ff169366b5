// Shopify's library for Node says what it thinks of a delivery: `SECRET HEADERS` as JSON; the body comes in. The last line is the answer.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
require("@shopify/shopify-api/adapters/node");
const { shopifyApi } = require("@shopify/shopify-api");
const [secret, headers] = process.argv.slice(2);
const rawBody = readFileSync(0).toString();
const app = { apiKey: "key", scopes: [], hostName: "goodword.acme.example", isEmbeddedApp: false };
const api = shopifyApi({ ...app, apiSecretKey: secret, apiVersion: "2026-10" });
const rawRequest = { method: "POST", url: "/hooks/shopify/wsp", headers: JSON.parse(headers) };
console.log(JSON.stringify(await api.webhooks.validate({ rawBody, rawRequest, rawResponse: {} })));
