// The clients for Node of Dub and FirstPromoter say what they are given, as rival.py does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [name, url, key] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const calls = JSON.parse(readFileSync(0, "utf8"));
const told = [];

let of;
if (name === "dub") {
  const { Dub } = require("dub");
  of = new Dub({ token: key, serverURL: url });
} else {
  process.env.FIRSTPROMOTER_API_NODE_BASE_URL = `${url}/api/v1`;
  const Client = require("firstpromoter-api-node");
  const client = new Client({ key, wid: "w" });
  of = { post: (...said) => client.post(...said).then((result) => result.body), get: (...said) => client.get(...said).then((result) => result.body) };
}
for (const [where, positional] of calls) {
  const parts = where.split(".");
  const last = parts.pop();
  const at = parts.reduce((found, part) => found[part], of);
  try {
    const said = (await at[last](...positional)) ?? null;
    // Of a page what it holds, without what reads the next one.
    const page = Array.isArray(said) ? said : said?.result;
    told.push(Array.isArray(page) ? { result: page } : said);
  } catch (error) {
    told.push({ failed: error?.constructor?.name ?? "Error", code: error?.error?.code ?? error?.code ?? null, status: error?.statusCode ?? null, message: String(error?.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(told));
