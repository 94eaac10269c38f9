// The note of a module: a tap opens and closes it, Escape closes it; hover and focus need no script.
"use strict";

(() => {
  const close = (note) => {
    note.classList.remove("open");
    note.classList.add("shut");
  };
  document.addEventListener("click", (event) => {
    const note = event.target.closest(".note-icon") && event.target.closest("[data-note]");
    document.querySelectorAll("[data-note].open").forEach((other) => { if (other !== note && !other.contains(event.target)) close(other); });
    if (!note) return;
    if (note.classList.contains("open")) close(note);
    else {
      note.classList.remove("shut");
      note.classList.add("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("[data-note]").forEach(close);
  });
  // Once the mouse or the focus has left, both may open it again.
  for (const leaving of ["pointerout", "focusout"]) {
    document.addEventListener(leaving, (event) => {
      const note = event.target.closest("[data-note]");
      if (note && !note.contains(event.relatedTarget)) note.classList.remove("shut");
    });
  }
})();
