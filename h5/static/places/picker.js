// The division tree: provinces first, children when opened, search over all of it, tri-state boxes.
"use strict";

// [code, name, initials] of every place, from what app/places/picker.py packed.
function unpacked({ codes, names, letters, read }) {
  const initial = new Map(Object.entries(letters).flatMap(([letter, characters]) => [...characters].map((one) => [one, letter])));
  let code = 0;
  return names.split(" ").map((name, n) => {
    code += codes[n];
    return [String(code), name, read[n] ?? [...name].map((one) => initial.get(one) ?? "").join("")];
  });
}

class Picker {
  constructor(dialog) {
    this.dialog = dialog;
    this.find = (name) => dialog.querySelector(`[data-${name}]`);
    this.body = this.find("tree");
    this.chosen = new Set();
    this.opened = new Set();
    this.listen();
  }

  // ---- data
  async load() {
    if (!this.loading) {
      this.loading = Promise.all([this.dialog.dataset.places, "/places/staffing.json"].map(async (url) => {
        const answer = await fetch(url);
        if (!answer.ok || answer.redirected) throw new Error(url);
        return answer.json();
      })).then(([tree, staffing]) => this.build(unpacked(tree), staffing)).catch((error) => {
        this.loading = null;
        throw error;
      });
    }
    return this.loading;
  }

  build(places, staffing) {
    this.staffing = staffing;
    this.nodes = new Map();
    this.roots = [];
    for (const [code, name, initials] of places) {
      const node = { code, name, initials, children: [], parent: null, leaves: [] };
      this.nodes.set(code, node);
      const above = [`${code.slice(0, 4)}00`, `${code.slice(0, 2)}0000`].find((c) => c !== code && this.nodes.has(c));
      node.parent = this.nodes.get(above) || null;
      (node.parent ? node.parent.children : this.roots).push(node);
    }
    const gather = (node) => {
      node.leaves = node.children.length ? node.children.flatMap(gather) : [node];
      node.gaps = node.leaves.filter((leaf) => !this.staffing[leaf.code]?.[0]).length;
      return node.leaves;
    };
    this.roots.forEach(gather);
  }

  path(node) { return node.parent ? [...this.path(node.parent), node.parent.name] : []; }
  leaves() { return [...this.chosen].map((code) => this.nodes.get(code)).filter(Boolean); }
  gaps() { return this.leaves().filter((leaf) => !this.staffing[leaf.code]?.[0]); }

  // ---- opening and closing
  async open(codes) {
    this.before = [...codes];
    this.chosen = new Set(codes);
    openDialog(this.dialog);
    try {
      await this.load();
    } catch {
      this.body.innerHTML = "";
      const box = Object.assign(document.createElement("p"), { className: "empty", textContent: "没有读到行政区划，请检查网络。" });
      const again = Object.assign(document.createElement("button"), { className: "btn btn-plain", type: "button", textContent: "重试" });
      again.addEventListener("click", () => this.open(codes));
      box.append(again);
      this.body.append(box);
      return;
    }
    this.draw();
    this.find("search").focus({ preventScroll: true });
  }

  close(confirmed) {
    this.dialog.close();
    this.onclose?.(confirmed ? [...this.chosen].sort() : this.before);
  }

  listen() {
    this.find("cancel").addEventListener("click", () => this.close(false));
    this.find("confirm").addEventListener("click", () => this.close(true));
    this.find("clear").addEventListener("click", () => this.set([...this.chosen], false));
    this.find("drop-gaps").addEventListener("click", () => this.set(this.gaps().map((leaf) => leaf.code), false));
    this.find("all").addEventListener("click", () => {
      const all = this.roots.flatMap((root) => root.leaves.map((leaf) => leaf.code));
      this.set(all, this.chosen.size < all.length);
    });
    this.find("only-chosen").addEventListener("click", (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", on);
      this.find("search").value = "";
      this.draw();
    });
    this.find("search").addEventListener("input", () => {
      this.find("only-chosen").setAttribute("aria-pressed", "false");
      this.draw();
    });
    this.body.addEventListener("change", (event) => {
      const node = this.nodes.get(event.target.value);
      this.set(node.leaves.map((leaf) => leaf.code), event.target.checked);
    });
    this.body.addEventListener("click", (event) => {
      const toggle = event.target.closest(".place-toggle");
      if (toggle) this.toggle(toggle, toggle.getAttribute("aria-expanded") !== "true");
    });
    this.body.addEventListener("keydown", (event) => this.walk(event));
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.find("search")) event.preventDefault();
    });
  }

  // Arrow keys as in any tree: up and down walk, right opens, left closes.
  walk(event) {
    const boxes = [...this.body.querySelectorAll("input")];
    const at = boxes.indexOf(event.target);
    const toggle = event.target.closest?.(".place")?.querySelector(".place-toggle");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) boxes[at + step]?.focus();
    else if (event.key === "ArrowRight" && toggle) this.toggle(toggle, true);
    else if (event.key === "ArrowLeft" && toggle) this.toggle(toggle, false);
    else return;
    event.preventDefault();
  }

  toggle(button, on) {
    const node = this.nodes.get(button.dataset.code);
    const item = button.closest("li");
    button.setAttribute("aria-expanded", on);
    this.opened[on ? "add" : "delete"](node.code);
    item.querySelector("ul")?.remove();
    if (on) item.append(this.list(node.children));
    this.mark();
  }

  set(codes, on) {
    for (const code of codes) this.chosen[on ? "add" : "delete"](code);
    if (this.find("only-chosen").getAttribute("aria-pressed") === "true") this.draw();
    else this.mark();
  }

  // ---- drawing
  draw() {
    if (!this.nodes) return; // typed before the places arrived; open() draws when they are here
    const words = this.find("search").value.replace(/\s+/g, "").toLowerCase();
    const only = this.find("only-chosen").getAttribute("aria-pressed") === "true";
    let shown;
    if (only) shown = this.flat(this.leaves().sort((a, b) => (a.code < b.code ? -1 : 1)), "还没有选择点位");
    else if (words) shown = this.flat(this.search(words), "没有找到，请换一个写法");
    else shown = this.list(this.roots);
    this.body.replaceChildren(shown);
    this.mark();
  }

  search(words) {
    const rank = (node) => {
      if (node.name.startsWith(words) || node.initials === words) return 0;
      if (node.initials.startsWith(words)) return 1;
      return node.name.includes(words) ? 2 : 9;
    };
    return [...this.nodes.values()]
      .map((node) => [rank(node), node])
      .filter(([r]) => r < 9)
      .sort((a, b) => a[0] - b[0] || (a[1].children.length ? 0 : 1) - (b[1].children.length ? 0 : 1))
      .slice(0, 100)
      .map(([, node]) => node);
  }

  flat(nodes, nothing) {
    if (!nodes.length) return Object.assign(document.createElement("p"), { className: "empty", textContent: nothing });
    const list = this.list(nodes.slice(0, 300), true);
    if (nodes.length > 300) list.append(Object.assign(document.createElement("li"), { className: "end", textContent: `共 ${nodes.length} 个，这里列出前 300 个` }));
    return list;
  }

  list(nodes, flat = false) {
    const list = document.createElement("ul");
    list.append(...nodes.map((node) => this.item(node, flat)));
    return list;
  }

  item(node, flat) {
    const item = document.createElement("li");
    const line = document.createElement("div");
    line.className = "place";
    const open = !flat && this.opened.has(node.code);
    line.append(node.children.length && !flat ? this.toggler(node, open) : Object.assign(document.createElement("span"), { className: "place-leaf" }));
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: node.code });
    box.dataset.testid = `place-${node.code}`;
    const name = Object.assign(document.createElement("span"), { className: "place-name", textContent: node.name });
    if (flat && node.parent) name.append(Object.assign(document.createElement("small"), { textContent: this.path(node).join(" / ") }));
    label.append(box, name, Object.assign(document.createElement("span"), { className: "place-fact" }));
    line.append(label);
    item.append(line);
    if (open) item.append(this.list(node.children));
    return item;
  }

  toggler(node, open) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "place-toggle" });
    button.dataset.code = node.code;
    button.dataset.testid = `place-toggle-${node.code}`;
    button.setAttribute("aria-expanded", open);
    button.setAttribute("aria-label", `${node.name}下级`);
    return button;
  }

  // Boxes, numbers, chips and the foot follow what is chosen.
  mark() {
    for (const box of this.body.querySelectorAll("input")) {
      const node = this.nodes.get(box.value);
      const n = node.leaves.filter((leaf) => this.chosen.has(leaf.code)).length;
      box.checked = n === node.leaves.length;
      box.indeterminate = n > 0 && n < node.leaves.length;
      this.fact(box.closest("label").querySelector(".place-fact"), node, n);
    }
    this.find("only-chosen").textContent = `已选 ${this.chosen.size} 个`;
    this.find("confirm").textContent = this.chosen.size ? `确定（${this.chosen.size}）` : "确定";
    this.chips();
    showGaps(this.dialog, this.gaps().length);
  }

  fact(place, node, n) {
    if (!node.children.length) {
      const who = this.staffing[node.code]?.[0];
      place.replaceChildren(who || Object.assign(document.createElement("em"), { textContent: "未设实施人" }));
      return;
    }
    place.textContent = `${n} / ${node.leaves.length}`;
    if (node.gaps) place.append(" · ", Object.assign(document.createElement("em"), { textContent: `${node.gaps} 个无实施人` }));
  }

  // The largest places that are chosen whole.
  whole() {
    const found = [];
    const look = (node) => {
      if (node.leaves.every((leaf) => this.chosen.has(leaf.code))) found.push(node);
      else if (node.leaves.some((leaf) => this.chosen.has(leaf.code))) node.children.forEach(look);
    };
    this.roots.forEach(look);
    return found;
  }

  // As app/places/names.py tells them apart: equal names say what they lie in.
  toldApart(node, others) {
    const same = others.filter((other) => other.name === node.name).length > 1;
    return same && node.parent ? `${node.name}（${node.parent.name}）` : node.name;
  }

  chips() {
    const whole = this.whole();
    const shown = whole.slice(0, 12);
    const chips = shown.map((node) => {
      const name = this.toldApart(node, shown);
      const chip = Object.assign(document.createElement("button"), { type: "button", textContent: `${name} ✕` });
      chip.setAttribute("aria-label", `去掉 ${name}`);
      chip.addEventListener("click", () => this.set(node.leaves.map((leaf) => leaf.code), false));
      const item = document.createElement("li");
      item.append(chip);
      return item;
    });
    if (whole.length > 12) chips.push(Object.assign(document.createElement("li"), { textContent: `等 ${this.chosen.size} 个点位` }));
    this.find("chips").replaceChildren(...chips);
  }
}

function showGaps(where, n) {
  const box = where.querySelector("[data-gaps]");
  box.hidden = !n;
  box.querySelector("[data-gaps-text]").textContent = `其中 ${n} 个点位没有实施人，不能发布。`;
  box.querySelector("[data-drop-gaps]").textContent = `去掉这 ${n} 个点位`;
}
