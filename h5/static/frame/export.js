// 导出: the file comes while the page stays; one that takes longer shows how far it is.
"use strict";

(() => {
  const FIRST_LOOK = 700, LOOK = 1000, GIVE_UP = 30; // ms, ms, looks without a sign of progress
  const number = (n) => n.toLocaleString("zh-CN");

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-export]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    location.href = `${link.href}&key=${key}`;
    follow(key).catch(() => "网络不稳，看不到导出进度，文件仍会下载").then((sentence) => {
      link.removeAttribute("aria-busy");
      toast(sentence);
    });
  });

  async function follow(key) {
    let box, last = -1, still = 0;
    try {
      for (let wait = FIRST_LOOK; still < GIVE_UP; wait = LOOK) {
        await new Promise((ready) => { setTimeout(ready, wait); });
        const answer = await fetch(`/exports/${key}`, { headers: { Accept: "application/json" } });
        const { done, total } = answer.ok && !answer.redirected ? await answer.json() : { done: 0, total: 0 };
        if (total && done >= total) return `已导出 ${number(total)} 行`;
        still = done === last ? still + 1 : 0;
        last = done;
        if (total) box = shown(box, done, total);
      }
      return "导出没有完成，请稍后重试";
    } finally {
      box?.remove();
    }
  }

  function shown(box, done, total) {
    if (!box) {
      box = document.createElement("div");
      box.className = "exporting";
      box.setAttribute("role", "status");
      box.append(document.createElement("span"), document.createElement("progress"));
      box.lastChild.setAttribute("aria-label", "导出进度");
      document.body.append(box);
    }
    box.firstChild.textContent = `正在导出 ${number(done)} / ${number(total)} 行…`;
    box.lastChild.max = total;
    box.lastChild.value = done;
    return box;
  }
})();
