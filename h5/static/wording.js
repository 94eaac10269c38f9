// A placeholder goes in where the cursor stands.
"use strict";

document.querySelectorAll("[data-insert]").forEach((button) => {
  button.addEventListener("click", () => {
    const text = document.getElementById("text");
    text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
