// Verifies what is on standard input, [{secret, headers, body}], by both libraries; prints for each what each found: the type, or that it was refused.
import { readFileSync } from "node:fs"
import { Webhook as Standard } from "standardwebhooks"
import { Webhook as Svix } from "svix"

const found = (Library, { secret, headers, body }) => {
  try {
    return new Library(secret).verify(body, headers)?.type ?? JSON.parse(body).type
  } catch (error) {
    return `refused: ${error.constructor.name}`
  }
}
const given = JSON.parse(readFileSync(0, "utf8"))
console.log(JSON.stringify(given.map((one) => [found(Standard, one), found(Svix, one)])))
