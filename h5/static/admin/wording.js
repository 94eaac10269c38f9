// A placeholder goes in where the cursor stands; what was typed before the page was ready is previewed too.
"use strict";

(() => {
  const text = document.getElementById("text");
  const changed = () => text.dispatchEvent(new Event("input", { bubbles: true }));

  document.querySelectorAll("[data-insert]").forEach((button) => {
    button.addEventListener("click", () => {
      text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      changed();
    });
  });
  // A restored draft, or quick fingers on a slow line: htmx listens only from here on.
  addEventListener("load", () => { if (text.value !== text.defaultValue) changed(); });
})();
