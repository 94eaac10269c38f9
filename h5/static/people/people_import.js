// The report comes without a new page, so that the chosen file stays chosen between 核对 and 导入.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 422) return; // a report of what is wrong is a report
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.addEventListener("htmx:afterRequest", () => delete document.getElementById("import").dataset.sent);
