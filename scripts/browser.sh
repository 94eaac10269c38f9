#!/bin/sh
# Chromium and a Chinese font, for the browser tests and the pictures of the documents.
# Installed where we are root on a Debian-like system; elsewhere we say what to install.
has_browser() { command -v chromium >/dev/null 2>&1; }
has_font() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; }

if has_browser && has_font; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "正在安装 chromium 和中文字体（浏览器测试要用，约一分钟）……"
    log=$(mktemp)
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fontconfig fonts-noto-cjk; } >"$log" 2>&1 && has_browser && has_font; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
fi
echo "浏览器测试需要 chromium 和中文字体，请先安装，例如：" >&2
echo "  Debian / Ubuntu：sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2
echo "  Fedora：sudo dnf install chromium fontconfig google-noto-sans-cjk-fonts" >&2
echo "  macOS：brew install chromium fontconfig（中文字体系统自带）" >&2
exit 1
