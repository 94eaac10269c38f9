// What every page does: busy buttons, drafts, gentle refresh, dialogs that the back key closes, toasts.
"use strict";

const body = document.body;
const csrf = body.dataset.csrf;

function toast(text) {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "status");
  box.textContent = text;
  (document.querySelector("dialog[open]") || body).append(box);
  setTimeout(() => box.remove(), 4000);
}

// A disabled button says why.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-why]");
  if (button) {
    event.preventDefault();
    toast(button.dataset.why);
  }
});

// Submit once: the button goes busy on the spot. The server keeps a second tap harmless anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (!navigator.onLine && form.method === "post") {
    event.preventDefault(); // the browser would show a page of its own instead of what was typed
    toast("网络已断开，还没有提交。内容都在，恢复后再点一次。");
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button && form.method === "post" && !form.hasAttribute("hx-post")) {
    button.dataset.name = button.textContent;
    button.setAttribute("aria-busy", "true");
    // Only after the browser has read the form: a disabled submitter would not be sent.
    setTimeout(() => { button.textContent = "正在提交…"; button.disabled = true; });
  }
});
function wakeForms() {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  document.querySelectorAll("[aria-busy]").forEach((button) => {
    button.removeAttribute("aria-busy");
    button.disabled = false;
    if (button.dataset.name) button.textContent = button.dataset.name;
  });
}
// iOS shows the page of before from its memory, without asking the server.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    wakeForms();
    if (!document.querySelector("form[data-dirty]")) location.reload();
  }
});

document.querySelectorAll("form[data-autosubmit]").forEach((form) => {
  form.addEventListener("change", () => form.submit());
});

document.querySelectorAll("textarea[data-count]").forEach((area) => {
  const count = document.createElement("p");
  count.className = "count";
  area.after(count);
  const show = () => { count.textContent = `${area.value.length} / ${area.maxLength}`; };
  area.addEventListener("input", show);
  area.form?.addEventListener("reset", () => setTimeout(show));
  area.form?.addEventListener("filled", show);
  show();
});

// Drafts: what is typed survives a lost connection, a closed window and a new login, on this device.
const drafts = {
  key: (form) => `draft.${body.dataset.person}.${form.dataset.draft}`,
  fields: (form) => [...form.elements].filter((f) => f.name && !["csrf_token", "form_key", "version", "act", "draft", "items", "confirmed"].includes(f.name)),
  save(form) {
    const values = this.fields(form)
      .filter((f) => !["checkbox", "radio"].includes(f.type) || f.checked)
      .map((f) => [f.name, f.value]);
    const sentAs = form.elements.form_key?.value;
    try { localStorage.setItem(this.key(form), JSON.stringify({ at: Date.now(), sentAs, values })); } catch { return; }
    const said = document.querySelector("[data-draft-said]");
    if (said) said.textContent = `草稿已保存 ${new Date().toTimeString().slice(0, 5)}`;
  },
  read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  forget(key) { try { localStorage.removeItem(key); } catch { /* private window */ } },
  all() { return Object.keys(localStorage).filter((key) => key.startsWith("draft.")); },
  // Only the server knows what it has saved: it names the forms in a cookie. A line that broke names none.
  forgetSaved() {
    const saved = document.cookie.match(/(?:^|; )fwrw_saved=([^;]*)/)?.[1].split(".") ?? [];
    for (const key of this.all()) {
      const sentAs = this.read(key)?.sentAs;
      if (sentAs && saved.includes(sentAs)) this.forget(key);
    }
  },
  restore(form, kept) {
    for (const field of this.fields(form)) {
      const values = kept.values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    form.dataset.dirty = "1";
    form.dispatchEvent(new Event("filled"));
  },
};
document.querySelectorAll("form[data-draft]").forEach((form) => {
  let timer = 0;
  const stop = () => { clearTimeout(timer); timer = 0; };
  const save = () => { stop(); drafts.save(form); };
  const later = () => {
    form.dataset.dirty = "1";
    stop();
    timer = setTimeout(save, 300);
  };
  // Who leaves within those 300 ms loses nothing; phones send no more than these two when they close a page.
  const atOnce = () => { if (timer) save(); };
  addEventListener("pagehide", atOnce);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") atOnce(); });
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", save);
  form.addEventListener("reset", () => {
    stop();
    delete form.dataset.dirty;
    setTimeout(() => { stop(); drafts.forget(drafts.key(form)); form.dispatchEvent(new Event("filled")); });
  });
});
try {
  drafts.forgetSaved();
  if (body.classList.contains("signed-out")) drafts.all().forEach(drafts.forget);
  if (!document.querySelector("[data-testid=refusal]")) {
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      const kept = drafts.read(drafts.key(form));
      const before = JSON.stringify(drafts.fields(form).map((f) => [f.value, f.checked]));
      if (!kept) return;
      drafts.restore(form, kept);
      if (JSON.stringify(drafts.fields(form).map((f) => [f.value, f.checked])) !== before) toast("已恢复上次未提交的内容");
      else delete form.dataset.dirty;
    });
  }
} catch { /* storage switched off: pages work without drafts */ }

// Without a network the page says so before anybody presses.
function tellWhetherOnline() {
  document.querySelector(".no-network")?.remove();
  if (navigator.onLine) return;
  const strip = document.createElement("p");
  strip.className = "warn no-network";
  strip.setAttribute("role", "status");
  strip.dataset.testid = "no-network";
  strip.textContent = "网络已断开。写的内容留在这台设备上，恢复后再提交。";
  document.querySelector("main")?.prepend(strip);
}
addEventListener("offline", tellWhetherOnline);
addEventListener("online", tellWhetherOnline);
tellWhetherOnline();

// Dialogs: the back key of the phone closes them.
function openDialog(dialog) {
  dialog.showModal();
  history.pushState({ dialog: dialog.id }, "");
  dialog.addEventListener("close", () => { if (history.state?.dialog === dialog.id) history.back(); }, { once: true });
}
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-sheet]");
  const sheet = opener && document.getElementById(opener.dataset.sheet);
  if (sheet) {
    event.preventDefault();
    showSheet(sheet);
  }
  event.target.closest("[data-close]")?.closest("dialog").close();
});
function showSheet(sheet) {
  sheet.removeAttribute("open");
  sheet.dataset.shown = "1";
  openDialog(sheet);
}
document.querySelectorAll("dialog[data-modal]").forEach(showSheet);
document.querySelectorAll("[data-filter]").forEach((field) => {
  field.addEventListener("input", () => {
    const words = field.value.replace(/\s+/g, "").toLowerCase();
    document.querySelectorAll(`${field.dataset.filter} > [data-words]`).forEach((line) => { line.hidden = !line.dataset.words.includes(words); });
  });
});
document.querySelector(".mistake")?.scrollIntoView({ block: "center" });
addEventListener("popstate", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close("back")));

// Gentle refresh: while the page is in front, its live parts are asked for again and swapped where they differ.
const LIVE_SECONDS = 20;
async function refresh() {
  const parts = [...document.querySelectorAll("[data-live]")];
  for (const url of new Set(parts.map((part) => part.dataset.live))) {
    const answer = await fetch(url, { headers: { "X-Live": "1" }, signal: AbortSignal.timeout?.(8000) });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts.filter((p) => p.dataset.live === url)) {
      if (part.hasAttribute("data-merge")) merge(part, page);
      else swap(part, page.getElementById(part.id));
    }
  }
}
function swap(part, fresh) {
  if (!fresh) return;
  if (fresh.dataset.version !== part.dataset.version) {
    if (!document.querySelector("form[data-dirty]")) location.reload();
    else if (!document.querySelector(".newer")) {
      toast(`${part.dataset.called}刚被更新，提交前请先刷新核对，您填写的内容会保留。`);
      part.classList.add("newer");
    }
    return;
  }
  if (fresh.innerHTML === part.innerHTML) return;
  const inside = part.contains(document.activeElement) || part.matches(":hover");
  if (!inside) part.replaceChildren(...fresh.childNodes);
}
function merge(list, page) {
  for (const fresh of page.querySelectorAll("li[id^=row-]")) {
    const old = document.getElementById(fresh.id);
    if (!old) {
      fresh.classList.add("fresh");
      if (!list.querySelector("li[id^=row-]")) list.replaceChildren();
      if (fresh === page.querySelector("li[id^=row-]")) list.prepend(fresh);
      else list.insertBefore(fresh, list.querySelector("#more"));
    } else if (old.innerHTML !== fresh.innerHTML) {
      fresh.classList.add("fresh");
      old.replaceWith(fresh);
    }
  }
}
async function countUnread() {
  const badges = document.querySelectorAll("[data-unread]");
  if (!badges.length) return;
  const answer = await fetch("/messages/unread", { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const { unread } = await answer.json();
  badges.forEach((badge) => {
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    badge.setAttribute("aria-label", `${unread} 条未读`);
  });
}
function live() {
  if (document.visibilityState !== "visible" || document.querySelector("dialog[open]")) return;
  Promise.all([refresh(), countUnread()]).catch(() => { /* no network: the page stays as it is */ });
}
if (body.dataset.person) {
  countUnread().catch(() => {});
  setInterval(live, LIVE_SECONDS * 1000);
  document.addEventListener("visibilitychange", live);
}

// htmx: the token, and a sentence when the network fails.
document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-CSRFToken"] = csrf; });
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast("网络不稳，内容已保留，请稍后重试"));
}
document.addEventListener("htmx:responseError", () => toast("没有成功，请刷新页面后重试"));

// Shown inside a client that is itself a web page (the demo's phone): its title bar has to be told which page this is.
if (parent !== window) parent.postMessage({ title: document.title, href: location.href }, "*");
