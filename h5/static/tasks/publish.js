// The publish form: quick deadlines, the chosen places in words, who will be told.
"use strict";

(() => {
  const form = document.getElementById("publish");
  const places = document.getElementById("places");
  const due = document.getElementById("due_at");
  const quick = form.querySelector("[data-quick]");

  quick.hidden = false;
  quick.addEventListener("click", (event) => {
    const days = event.target.dataset.days;
    if (days === undefined) return;
    // The wall clock of the counties, whatever this device is set to.
    const [day] = new Date(Date.now() + days * 864e5).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).split(" ");
    due.value = `${day}T18:00`;
    for (const name of ["input", "change"]) due.dispatchEvent(new Event(name, { bubbles: true }));
  });

  // The modules follow the 补丁包, also where a draft or a reset has put another one there.
  const patch = document.getElementById("patch");
  const modules = () => {
    if (patch.value === patch.dataset.shown) return;
    patch.dataset.shown = patch.value;
    htmx.trigger(patch, "change");
  };
  patch.addEventListener("change", () => { patch.dataset.shown = patch.value; });
  form.addEventListener("filled", modules);
  addEventListener("DOMContentLoaded", modules); // htmx listens from then on

  if (!places) return;
  const picker = new Picker(document.getElementById("picker"));
  const opener = form.querySelector("[data-open-picker]");
  const summary = form.querySelector("[data-places-summary]");
  const told = form.querySelector("[data-told]");
  const codes = () => places.value.split(",").filter(Boolean);
  // Who was named for a place in the draft of this device; their fields come with the next answer.
  let named = (form.dataset.dirty && drafts.read(drafts.key(form))?.values || []).filter(([name]) => name.startsWith("name-"));

  opener.addEventListener("click", () => picker.open(codes()));
  picker.onclose = (chosen) => {
    opener.focus();
    if (chosen.join() === places.value) return;
    places.value = chosen.join();
    places.dispatchEvent(new Event("input", { bubbles: true }));
    form.querySelector("[data-places-mistake]")?.remove();
    opener.removeAttribute("aria-invalid");
    describe();
  };
  form.querySelector("[data-gaps] [data-drop-gaps]").addEventListener("click", () => {
    const gaps = new Set(open().map((leaf) => leaf.code));
    places.value = codes().filter((code) => !gaps.has(code)).join();
    places.dispatchEvent(new Event("input", { bubbles: true }));
    describe();
  });

  async function describe() {
    const chosen = codes();
    opener.toggleAttribute("data-chosen", chosen.length > 0);
    if (!chosen.length) {
      summary.textContent = "点击选择行政区划";
      told.hidden = true;
      showGaps(form, 0);
      return;
    }
    await picker.load();
    picker.chosen = new Set(chosen);
    const names = picker.whole().map((node) => node.name);
    const more = names.length > 3 || names.length < chosen.length;
    summary.textContent = names.slice(0, 3).join("、") + (more ? `${names.length > 3 ? "…等" : "，共"} ${chosen.length} 个点位` : "");
    showGaps(form, open().length);
    told.hidden = false;
    ask();
  }

  // Who would be told, as the server would tell them; asked again a moment after the last change.
  let asking;
  function ask() {
    clearTimeout(asking);
    asking = setTimeout(() => { if (codes().length) htmx.trigger("#told", "asked"); }, 400);
  }
  form.addEventListener("change", (event) => { if (event.target.id !== "places" && (event.target.id !== "note" || form.elements.task)) ask(); });
  form.addEventListener("htmx:configRequest", (event) => {
    const sent = event.detail.formData;
    if (event.detail.path === "/tasks/preview") for (const [name, person] of named) if (!sent.has(name)) sent.append(name, person);
  });
  form.addEventListener("htmx:afterSwap", () => {
    if (document.querySelector("[data-testid=lines]")) named = [];
    showGaps(form, open().length);
  });
  // The gaps for which nobody is named yet.
  const open = () => picker.gaps().filter((leaf) => !document.getElementById(`name-${leaf.code}`)?.value);

  const redo = () => describe().catch(() => {});
  form.addEventListener("filled", redo);
  form.addEventListener("reset", () => { places.value = ""; });
  redo();
})();
