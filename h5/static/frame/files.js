// Photos and documents of a form: made small before they travel, shown, taken back, sent again when the line breaks.
"use strict";

(() => {
  // As in app/work/uploads/images.py: a long screenshot keeps its width.
  const SHORT_SIDE = 1200;
  const USEFUL_AREA = 1600 * 1200;
  const MOST_AREA = 16000000;
  const LONG = 2.5; // times as high as wide: shown in full width, to be scrolled
  const MOST_TOGETHER = 24 * 1024 * 1024;

  const field = document.querySelector("[data-files]");
  if (field) takeFiles(field);
  showPhotos(document.getElementById("photo-viewer"));

  function takeFiles(field) {
    const form = field.closest("form");
    const list = field.querySelector("[data-files-chosen]");
    const mistake = field.querySelector("[data-files-mistake]");
    const most = Number(field.dataset.most);
    const largest = Number(field.dataset.largest) * 1024 * 1024;
    const chosen = [];
    field.dataset.ready = "1";
    const complain = (text) => { mistake.textContent = text; mistake.hidden = !text; };

    for (const input of field.querySelectorAll("input")) {
      input.removeAttribute("name"); // the list below is what is sent
      input.addEventListener("change", async () => {
        const files = [...input.files];
        input.value = "";
        complain("");
        for (const file of files) await add(file);
      });
    }

    async function add(file) {
      if (chosen.length >= most) {
        complain(`最多 ${most} 个，“${file.name}”没有加入。`);
        return;
      }
      const one = { file, line: document.createElement("li") };
      chosen.push(one);
      one.line.dataset.testid = "chosen-file";
      one.line.dataset.busy = "1";
      one.line.append(Object.assign(document.createElement("span"), { textContent: file.name }));
      list.append(one.line);
      list.hidden = false;
      one.file = await shrunk(file, largest);
      delete one.line.dataset.busy;
      if (one.file.size > largest) {
        drop(one);
        complain(`“${file.name}”有 ${inMegabytes(one.file.size)} MB，超过 ${field.dataset.largest} MB，请压缩或拆分后再上传。`);
        return;
      }
      draw(one);
    }

    function draw(one) {
      if (one.file.type.startsWith("image/")) {
        const picture = Object.assign(document.createElement("img"), { src: URL.createObjectURL(one.file), alt: one.file.name });
        picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
        picture.addEventListener("error", () => picture.replaceWith(Object.assign(document.createElement("span"), { textContent: one.file.name })));
        one.line.replaceChildren(picture);
      }
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.setAttribute("aria-label", `去掉 ${one.file.name}`);
      button.addEventListener("click", () => drop(one));
      one.line.append(button);
    }

    function drop(one) {
      chosen.splice(chosen.indexOf(one), 1);
      one.line.remove();
      list.hidden = !chosen.length;
    }

    form.addEventListener("submit", (event) => {
      if (!chosen.length || form.dataset.sent) return;
      event.preventDefault();
      const total = chosen.reduce((sum, one) => sum + one.file.size, 0);
      if (total > MOST_TOGETHER) {
        event.stopPropagation(); // the button does not go busy
        complain(`文件合起来有 ${inMegabytes(total)} MB，一次最多 ${inMegabytes(MOST_TOGETHER)} MB，请分两次反馈。`);
        return;
      }
      const data = new FormData(form, event.submitter);
      chosen.forEach((one) => data.append("files", one.file, one.file.name));
      send(form, data, complain);
    });
  }

  // The page stays until the server has answered: a broken line loses neither text nor photos,
  // and the form's key makes a second try harmless.
  async function send(form, data, complain) {
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        delete form.dataset.dirty;
        location.href = location.pathname;
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = page.querySelector("[data-files-mistake]:not([hidden]), .mistake:not([hidden]), [data-testid=refusal] [role=alert], [data-testid=refusal]");
      complain(said?.textContent.trim() || "没有成功，请稍后重试。");
    } catch {
      complain("网络不稳，照片和文字都还在，请稍后再点一次。");
    }
    setTimeout(wakeForms); // after app.js has put the button to sleep, however fast the answer was
    form.querySelector("[data-files-mistake]").scrollIntoView({ block: "center" });
  }

  // A photo of 5 MB becomes one of 400 kB; what the browser cannot draw goes as it is and the server decides.
  async function shrunk(file, largest) {
    if (!file.type.startsWith("image/") || !window.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const asItIs = file.type !== "image/jpeg" && file.size <= largest && shinesThrough(picture);
      if (asItIs) return file; // the server finds the right ground for it
      const scale = usefulScale(picture.width, picture.height);
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const small = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
      if (!small || small.size >= file.size) return file;
      return new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file;
    }
  }

  function usefulScale(width, height) {
    const area = width * height;
    const useful = Math.max(SHORT_SIDE / Math.min(width, height), Math.sqrt(USEFUL_AREA / area));
    return Math.min(useful, 1, Math.sqrt(MOST_AREA / area));
  }

  // Looked at in a small copy: one clear pixel of it is an area in the picture.
  function shinesThrough(picture) {
    const side = 128;
    const pen = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d");
    pen.drawImage(picture, 0, 0, side, side);
    return pen.getImageData(0, 0, side, side).data.some((value, at) => at % 4 === 3 && value < 250);
  }

  function inMegabytes(bytes) {
    return Math.ceil(bytes / 1024 / 1024 * 10) / 10;
  }

  function showPhotos(viewer) {
    if (!viewer) return;
    const picture = viewer.querySelector("img");
    picture.addEventListener("load", () => {
      viewer.classList.toggle("tall", picture.naturalHeight > picture.naturalWidth * LONG);
      viewer.classList.toggle("wide", picture.naturalWidth > picture.naturalHeight * LONG);
      viewer.scrollTo(0, 0);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-photo]");
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const small = link.querySelector("img");
      picture.src = link.href;
      picture.alt = viewer.querySelector("p").textContent = small.alt;
      openDialog(viewer);
    });
    viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  }
})();
