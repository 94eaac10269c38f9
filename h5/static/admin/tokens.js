// 接口令牌: the fresh token goes to the clipboard; without one it can be selected with a tap.
"use strict";

document.querySelectorAll("[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent)
      .then(() => toast("已复制"), () => toast("没有复制成功，请长按令牌选择"));
  });
});
