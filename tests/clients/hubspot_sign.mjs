// HubSpot's library for Node signs what it is given, or checks it: `sign VERSION SECRET URL TIME`, `check … SIGNATURE`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Signature } = require("@hubspot/api-client");
const [what, signatureVersion, clientSecret, url, time, signature] = process.argv.slice(2);
const options = { clientSecret, requestBody: readFileSync(0).toString(), url, timestamp: Number(time) };
if (what === "sign") process.stdout.write(Signature.getSignature("POST", signatureVersion, options));
else process.stdout.write(Signature.isValid({ ...options, method: "POST", signatureVersion, signature }) ? "True" : "False");
