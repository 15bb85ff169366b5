// Adds events to the queue of the JavaScript client, as flood.py does.
import { Goodword, Queue } from "../../clients/javascript/index.js";

const [url, key, name, many, which] = process.argv.slice(2);
const refused = [];
const queue = new Queue({ batch: 20, interval: 10, onRefused: ({ id }) => refused.push(id) });
const gw = new Goodword({ url, key, queue });
for (let n = 0; n < Number(many); n++) {
  gw.events.add({ type: "advocate.enrolled", id: `${name}-${n}`, external_id: `${name}-${n}`, code: `${name}${n}` });
}
if (which !== "exit") {
  await gw.events.flush();
  console.log(JSON.stringify([await gw.close(), refused]));
}
