// One more module without a trip to the server.
"use strict";

(() => {
  const rows = document.querySelector("[data-rows]");
  document.querySelector("[data-more]").addEventListener("click", (event) => {
    event.preventDefault();
    const fresh = rows.lastElementChild.cloneNode(true);
    const number = rows.children.length + 1;
    fresh.querySelectorAll("input, textarea").forEach((field) => {
      field.value = "";
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+/, number));
      field.dataset.testid = field.dataset.testid.replace(/\d+$/, number);
    });
    rows.append(fresh);
    fresh.querySelector("input").focus();
  });
})();
