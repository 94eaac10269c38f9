// The people of a place: who is ticked among the offered moves up to the list, and is 主要 where nobody is.
"use strict";

document.getElementById("staff").addEventListener("change", (event) => {
  const box = event.target;
  const field = box.closest("[data-role]");
  if (!field || box.type !== "checkbox") return;
  const line = box.closest(".staff-line");
  const list = field.querySelector("[data-list]");
  box.form.dataset.dirty = "1";
  if (box.checked && line.closest("[data-offered]")) {
    list.querySelector(`[value="${box.value}"]`)?.closest(".staff-line").remove();
    list.append(line);
    box.focus();
  }
  const ticked = [...list.querySelectorAll("[type=checkbox]:checked")].map((one) => one.closest(".staff-line"));
  list.querySelector("[data-nobody]").hidden = list.querySelectorAll(".staff-line").length > 0;
  if (ticked.length && !ticked.some((one) => one.querySelector("[type=radio]").checked)) ticked[0].querySelector("[type=radio]").checked = true;
});
