// The places of a person: one division tree for every role, and what saving would change.
"use strict";

(() => {
  const STAFF = { implementer: 0, supervisor: 1, service_manager: 2 };
  const form = document.getElementById("areas");
  const mine = form.dataset.provinces?.split(",").map((code) => code.slice(0, 2));
  const dialog = document.getElementById("picker");

  class AreaPicker extends Picker {
    // Only what the editor keeps: the server refuses the rest.
    build(places, staffing) {
      super.build(mine ? places.filter(([code]) => mine.includes(code.slice(0, 2))) : places, staffing);
    }
    gaps() { return []; } // places with nobody are what one comes here for
    who(leaf) { return this.staffing[leaf.code]?.[STAFF[this.role]]; }
    fact(place, node, n) {
      const gaps = node.leaves.filter((leaf) => !this.who(leaf)).length;
      if (node.children.length) {
        place.textContent = `${n} / ${node.leaves.length}`;
        if (gaps) place.append(" · ", Object.assign(document.createElement("em"), { textContent: `${gaps} 个未登记` }));
      } else {
        place.replaceChildren(this.who(node) || Object.assign(document.createElement("em"), { textContent: `未设${this.name}` }));
      }
    }
  }
  const picker = new AreaPicker(dialog);
  const split = (text) => text.split(",").filter(Boolean);

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    const section = button.closest("[data-role]");
    const field = section.querySelector("input[type=hidden]");
    picker.role = section.dataset.role;
    picker.name = button.dataset.name;
    dialog.querySelector("#picker-name").textContent = `${picker.name}负责的点位`;
    const [own, foreign] = [[], []];
    for (const code of split(field.value)) (mine && !mine.includes(code.slice(0, 2)) ? foreign : own).push(code);
    picker.onclose = (chosen) => {
      button.focus();
      field.value = [...chosen, ...foreign].sort().join();
      form.dataset.dirty = "1";
      describe(section).catch(() => {});
    };
    picker.open(own);
  });

  async function describe(section) {
    const field = section.querySelector("input[type=hidden]");
    const [before, after] = [new Set(split(field.dataset.stored)), new Set(split(field.value))];
    const said = section.querySelector("[data-difference]");
    const more = [...after].filter((code) => !before.has(code));
    const less = [...before].filter((code) => !after.has(code));
    said.hidden = !more.length && !less.length;
    if (said.hidden) return;
    await picker.load();
    const names = (codes) => codes.slice(0, 6).map((code) => picker.nodes.get(code)?.name || code).join("、") + (codes.length > 6 ? "…" : "");
    said.textContent = [
      more.length && `保存后增加 ${more.length} 个：${names(more)}`,
      less.length && `保存后去掉 ${less.length} 个：${names(less)}`,
    ].filter(Boolean).join("\n");
  }
  form.querySelectorAll("[data-role]").forEach((section) => describe(section).catch(() => {}));
})();
