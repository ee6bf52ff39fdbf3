/* The playground: a form per operation that sends what it says to this site, and shows what comes back. */

// Longer texts make a page slow; the whole is saved by its link.
const LONGEST = 200_000;

/* Let `root`'s operations be tried. `key` gives the reader's key, or nothing. */
export function offer(root, key) {
  const words = root.dataset;
  for (const button of root.querySelectorAll("[data-try]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      let form = button.parentElement.querySelector("form.try");
      if (!form) {
        const template = document.getElementById(button.dataset.try);
        template.after(template.content.cloneNode(true));
        form = button.parentElement.querySelector("form.try");
        prepare(form, key, words);
      } else {
        form.hidden = !form.hidden;
      }
      button.setAttribute("aria-expanded", String(!form.hidden));
      if (!form.hidden) form.querySelector("input, select, textarea, button").focus();
    });
  }
}

function prepare(form, key, words) {
  const choice = form.querySelector("[data-encodings]");
  choice?.addEventListener("change", () => {
    for (const body of form.querySelectorAll(".try-body")) {
      // What is disabled is neither sent nor asked for.
      body.disabled = body.hidden = body.dataset.encoding !== choice.value;
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true" || !form.reportValidity()) return;
    if (form.dataset.method === "DELETE" && !confirm(words.ask)) return;
    await send(form, key(), words);
  });
}

async function send(form, key, words) {
  const answer = form.querySelector("[data-answer]");
  const status = form.querySelector("[data-status]");
  const content = form.querySelector("[data-content]");
  const headers = form.querySelector("[data-headers]");
  answer.hidden = false;
  headers.closest("details").hidden = true;
  forget(content);
  status.className = "";
  status.textContent = words.sending;
  form.setAttribute("aria-busy", "true");
  try {
    const [address, options] = request(form, key);
    const begun = performance.now();
    const response = await fetch(address, options);
    const body = await response.blob();
    const time = Math.round(performance.now() - begun);
    status.className = response.ok ? "try-good" : "try-bad";
    status.textContent = filled(words.time, {
      status: `${response.status} ${response.statusText}`.trim(),
      time,
      size: sized(body.size),
    });
    headers.textContent = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    headers.closest("details").hidden = false;
    await show(content, response, body, words);
  } catch (error) {
    status.className = "try-bad";
    status.textContent = error instanceof SyntaxError ? `${words.json} ${error.message}` : words.failed;
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/* What the form says, as fetch takes it. Throws SyntaxError where a text is no JSON. */
function request(form, key) {
  const { method, keyWhere, keyName, keyPrefix = "" } = form.dataset;
  // The page's own address: it may be read by another name than the site's.
  const address = new URL(form.dataset.path, location.origin);
  const headers = new Headers();
  if (key && keyWhere === "header") headers.set(keyName, keyPrefix + key);
  if (key && keyWhere === "query") address.searchParams.set(keyName, key);
  const bodies = [...form.querySelectorAll(".try-body")];
  const chosen = bodies.find((body) => !body.hidden);
  const members = [];
  for (const field of form.querySelectorAll("[data-at]")) {
    const outside = field.closest(".try-body");
    if (outside && outside !== chosen) continue;
    for (const value of values(field)) {
      switch (field.dataset.at) {
        case "path":
          address.pathname = address.pathname.replace(encodeURI(`{${field.name}}`), encodeURIComponent(value));
          break;
        case "query":
          address.searchParams.append(field.name, value);
          break;
        case "header":
          headers.set(field.name, value);
          break;
        default:
          members.push([field, value]);
      }
    }
  }
  // The reader's key alone says who asks: the session of the site would answer for a signed-in member.
  const options = { method, headers, credentials: "omit", cache: "no-store" };
  if (chosen && method !== "GET") options.body = bodyOf(chosen, members, headers);
  return [address, options];
}

function bodyOf(chosen, members, headers) {
  const { encoding, kind } = chosen.dataset;
  if (kind === "form") {
    const data = encoding === "multipart/form-data" ? new FormData() : new URLSearchParams();
    for (const [field, value] of members) data.append(field.name, value);
    return data;
  }
  headers.set("Content-Type", encoding);
  if (kind === "json") return JSON.stringify(JSON.parse(members[0]?.[1] ?? "{}"));
  return members[0]?.[1];
}

/* What a field says: nothing where it is empty, several things where it is a list. */
function values(field) {
  if (field.type === "file") return [...field.files];
  if (field.value === "") return [];
  if (field.dataset.control === "list") return field.value.split("\n").filter((line) => line.trim());
  if (field.dataset.control === "object") return [JSON.stringify(JSON.parse(field.value))];
  return [field.value];
}

async function show(content, response, body, words) {
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0].trim();
  if (!body.size) {
    content.append(paragraph(words.empty));
    return;
  }
  if (/json$/.test(type) || type.startsWith("text/")) {
    let text = await body.text();
    try {
      text = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // Shown as it came.
    }
    content.append(code(text.slice(0, LONGEST)));
    return;
  }
  if (type.startsWith("image/")) {
    const picture = document.createElement("img");
    picture.alt = words.picture;
    picture.src = await asData(body);
    content.append(picture);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(body);
  link.download = `result.${(type.split("/")[1] ?? "bin").split("+")[0].replace("jpeg", "jpg")}`;
  link.textContent = words.save;
  content.append(link);
}

function forget(content) {
  for (const link of content.querySelectorAll("a[download]")) URL.revokeObjectURL(link.href);
  content.replaceChildren();
}

/* The page's policy lets pictures in from this site and as data, not from a blob's address. */
function asData(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}

function code(text) {
  const block = document.createElement("pre");
  block.tabIndex = 0;
  block.dir = "ltr";
  block.append(Object.assign(document.createElement("code"), { textContent: text }));
  return block;
}

function paragraph(text) {
  return Object.assign(document.createElement("p"), { className: "hint", textContent: text });
}

function sized(bytes) {
  const [unit, divisor] = bytes < 1024 ? ["B", 1] : bytes < 1024 ** 2 ? ["KB", 1024] : ["MB", 1024 ** 2];
  const options = { maximumFractionDigits: 1 };
  const number = new Intl.NumberFormat(document.documentElement.lang, options).format(bytes / divisor);
  return `${number}\u00a0${unit}`;
}

function filled(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}
