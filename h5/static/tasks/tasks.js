// 查看任务: the tree beside the rows where there is room; the filter bar sends what is filled in only.
"use strict";

(() => {
  // The server leaves the tree out of a page of rows until it knows that this screen shows both.
  const wide = matchMedia("(min-width: 900px)");
  function tell() {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `fwrw_panes=${wide.matches ? 2 : 1}; path=/tasks; max-age=31536000; SameSite=Lax${secure}`;
    if (wide.matches && !document.querySelector("#tree .node-root")) refresh().catch(() => {});
  }
  tell();
  wide.addEventListener("change", tell);
})();

(() => {
  const filters = document.querySelector("[data-filters]");
  const fields = [...filters.elements].filter((field) => field.name);

  filters.addEventListener("submit", () => {
    for (const field of fields) field.disabled = !field.value || (field.name === "sort" && field.value === "place");
  });
  // The page of before keeps its fields disabled when the back key brings it up again.
  addEventListener("pageshow", () => fields.forEach((field) => { field.disabled = false; }));
  addEventListener("hashchange", () => {
    if (location.hash === "#filters") filters.querySelector("select").focus();
    if (location.hash === "#several-note") document.querySelector("#several-note textarea").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && ["#filters", "#several-note"].includes(location.hash)) history.back();
  });
  // On a desktop a choice is enough; typed fields wait for Enter or the button.
  filters.addEventListener("change", (event) => {
    if (matchMedia("(min-width: 900px)").matches && event.target.matches("select")) filters.requestSubmit();
  });
})();

(() => {
  const form = document.getElementById("several");
  if (!form) return;
  const rows = document.getElementById("rows");
  const boxes = () => [...rows.querySelectorAll(".tick input")];
  const all = form.querySelector("[data-tick-all]");
  const [bar, sheet] = form.querySelectorAll("[data-ticked]");
  const chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));

  function show() {
    const n = chosen.size;
    bar.textContent = n ? `已选 ${n} 个点位` : "勾选点位，一起反馈或办结";
    sheet.textContent = n ? `将反馈已勾选的 ${n} 个点位` : "还没有勾选点位";
    all.textContent = boxes().every((box) => box.checked) ? "全不选" : "全选";
    form.querySelectorAll(".btn:not(.btn-plain)").forEach((button) => {
      if (n) delete button.dataset.why;
      else button.dataset.why = "请先勾选点位。";
      button.toggleAttribute("aria-disabled", !n);
      if (!n) button.setAttribute("aria-disabled", "true");
    });
  }
  rows.addEventListener("change", (event) => {
    if (!event.target.matches(".tick input")) return;
    if (event.target.checked) chosen.add(event.target.value);
    else chosen.delete(event.target.value);
    show();
  });
  all.hidden = false;
  all.addEventListener("click", () => {
    const on = boxes().some((box) => !box.checked);
    for (const box of boxes()) {
      box.checked = on;
      if (on) chosen.add(box.value);
      else chosen.delete(box.value);
    }
    show();
  });
  // The list refreshes itself and grows: what was ticked stays ticked, what can no longer be is dropped.
  new MutationObserver(() => {
    for (const box of boxes()) box.checked = chosen.has(box.value);
    for (const id of chosen) if (!rows.querySelector(`.tick input[value="${id}"]`)) chosen.delete(id);
    show();
  }).observe(rows, { childList: true });
  show();
})();
