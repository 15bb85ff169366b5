#!/bin/sh
# Installs Debian's Chromium where there is no browser and it may: as root, with apt-get. In CI it must be there in the end.
set -eu
browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] && exit 0
if [ "$(id -u)" = 0 ] && [ -z "${CHROMIUM:-}" ] && command -v apt-get >/dev/null; then
    echo "setup: apt-get install chromium, for the tests of pages"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium; } >/dev/null || true
fi
[ -x "$browser" ] && exit 0
echo "setup: no browser at $browser: make pages and tests/browser need one (apt-get install chromium, or CHROMIUM=)" >&2
[ "${CI:-}" != true ]
