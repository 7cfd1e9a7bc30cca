#!/bin/sh
# Prints the path of a Chromium for the browser tests; root on a Debian system gets one installed if there is none.
set -eu

find_chromium() {
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

find_chromium && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "No Chromium for the browser tests: installing the package chromium with apt-get." >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends chromium >&2
    find_chromium && exit
fi
echo "The browser tests need Chromium. Install it (Debian: sudo apt-get install chromium)," >&2
echo "or name one: make test CHROMIUM=/path/to/chrome" >&2
exit 1
