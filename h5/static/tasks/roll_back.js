// Ticks that a draft brought back are asked about again, as if they had just been made.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const modules = document.querySelector(".choose-modules");
  if (!modules) return;
  const ticked = [...modules.querySelectorAll(":checked")].map((box) => box.value).join();
  if (ticked !== modules.dataset.shown) htmx.trigger(modules, "change");
});
