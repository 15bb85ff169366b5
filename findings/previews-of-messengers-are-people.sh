#!/usr/bin/env bash
# Who shares a link in a messenger causes a fetch before anybody has read it: the messenger makes the card with title and picture. It
# says who it is (WhatsApp/2.24.13.77 A; Signal says WhatsApp/2; the iPhone's Messages names Facebot and Twitterbot).
#
# One would expect a library that tells robots from people to know these four, as advocates share little elsewhere.
# What happens: device_detector 6.5.1 (Python) and device-detector-js 3.0.3 take the previews of WhatsApp and Signal for people,
# robot-detection 0.4 as well, and user-agents 2.2.0 that of Messages. crawlerdetect 0.4.2 and isbot 5.2.3 know all four. And
# robot-detection calls a phone of the make CUBOT a robot.
# Why it matters here: with such a library every link that is sent has a click at once, for the last-click rule as for the figures, and
# the owner of a CUBOT brings nobody. The product asks crawleruseragents, adds what that lacks, and has these among its tests.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
python3 -m venv v && v/bin/pip -q install crawlerdetect==0.4.2 user-agents==2.2.0 device_detector==6.5.1 robot-detection==0.4 >/dev/null 2>&1
npm init -y >/dev/null && npm install --silent isbot@5.2.3 device-detector-js@3.0.3 >/dev/null 2>&1

cat >agents <<'TXT'
whatsapp	WhatsApp/2.24.13.77 A
signal	WhatsApp/2
messages	Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0
telegram	TelegramBot (like TwitterBot)
cubot	Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36
TXT
cat >ask.py <<'PY'
from crawlerdetect import CrawlerDetect
from device_detector import DeviceDetector
from robot_detection import is_robot
from user_agents import parse

asked = {
    "crawlerdetect": lambda agent: CrawlerDetect(user_agent=agent).isCrawler(),
    "user-agents": lambda agent: parse(agent).is_bot,
    "device_detector": lambda agent: DeviceDetector(agent).parse().is_bot(),
    "robot-detection": is_robot,
}
for line in open("agents"):
    name, agent = line.rstrip("\n").split("\t")
    for library, ask in asked.items():
        print(name, library, "robot" if ask(agent) else "person")
PY
cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { isbot } from "isbot";
import Parser from "device-detector-js/dist/parsers/bot/index.js";
const parser = new (Parser.default ?? Parser)();
for (const line of readFileSync("agents", "utf8").trimEnd().split("\n")) {
  const [name, agent] = line.split("\t");
  console.log(name, "isbot", isbot(agent) ? "robot" : "person");
  console.log(name, "device-detector-js", parser.parse(agent) ? "robot" : "person");
}
JS
v/bin/pip list 2>/dev/null | grep -iE '^(crawlerdetect|user-agents|device.detector|robot-detection) '
npm ls --depth=0 2>/dev/null | grep ' .*@' | grep -v tmp
{ v/bin/python ask.py; node ask.mjs; } | tee seen

expected=0
for preview in whatsapp signal messages telegram; do
    grep -qx "$preview crawlerdetect robot" seen && grep -qx "$preview isbot robot" seen || expected=1
done
for preview in whatsapp signal; do
    for library in device_detector device-detector-js robot-detection; do grep -qx "$preview $library person" seen || expected=1; done
done
grep -qx "messages user-agents person" seen && grep -qx "cubot robot-detection robot" seen || expected=1
if [ $expected = 0 ]; then echo "as described"; else echo "behaviour has changed"; fi
exit $expected
