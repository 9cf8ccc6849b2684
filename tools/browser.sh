#!/usr/bin/env bash
# What the tests of the page need beside Python: Chromium, a Korean font, axe-core from npm.
# Sourced by ./test; does nothing that is done already, and nothing it may not do.
# Where it cannot install something, the tests that need it are skipped and say so.

axe_version=4.14.1

install_debian() {
    if ! command -v apt-get >/dev/null || ((EUID != 0)); then
        return 1
    fi
    echo "Installing $* for the tests of the page ..."
    apt-get update -qq >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

set_up_browser() {
    local needed=()
    command -v chromium chromium-browser google-chrome chrome >/dev/null || needed+=(chromium)
    [[ -n $(fc-list :lang=ko 2>/dev/null | head -n 1) ]] || needed+=(fonts-noto-cjk)
    command -v npm >/dev/null || needed+=(npm)
    if ((${#needed[@]})); then
        install_debian "${needed[@]}" || echo "Not installed (the tests that need it are skipped): ${needed[*]}"
    fi
    if [[ ! -f .venv/axe/package/axe.min.js ]] && command -v npm >/dev/null; then
        mkdir -p .venv/axe
        (cd .venv/axe && npm pack --silent "axe-core@$axe_version" >/dev/null && tar xzf axe-core-*.tgz) ||
            echo "Not installed (the tests that need it are skipped): axe-core"
    fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    cd "$(dirname "${BASH_SOURCE[0]}")/.."
    set_up_browser
fi
