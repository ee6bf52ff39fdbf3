/* Sending one file: small ones as a form does, large ones in pieces that are gone on with after a break. */

const LARGE_BYTES = 10 * 1024 * 1024;
const PIECE_BYTES = 8 * 1024 * 1024;
const RETRY_MILLISECONDS = [0, 1000, 3000, 5000, 10000, 20000, 40000];

/* What went wrong, in words for people. */
export class Refused extends Error {}
/* Refused for now only: worth sending again after so many seconds. */
export class Later extends Refused {
  constructor(words, seconds) {
    super(words);
    this.seconds = seconds;
  }
}
/* The upload was cancelled. */
export class Cancelled extends Error {}

/* Send `item` with its values; resolves to the outcome. `moved(bytes)` is called with the progress. */
export function send(item, values, form, moved) {
  const large = item.file && item.file.size > LARGE_BYTES;
  return large ? inPieces(item, values, form, moved) : whole(item, values, form, moved);
}

function token(form) {
  return form.elements.csrfmiddlewaretoken.value;
}

/* The one outcome of an answer. Throws Refused. */
function outcome(answer, form) {
  const found = answer?.outcomes?.[0];
  if (!found) throw new Refused(answer?.error || form.dataset.fault);
  if (found.error) throw new Refused(found.error);
  return found;
}

/* How long an answer asks to wait, in seconds; null where waiting does not mend it. */
function wait(status, retryAfter) {
  if ((status !== 429 && status !== 503) || !retryAfter) return null;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, seconds) : null;
}

function whole(item, values, form, moved) {
  const said = form.dataset;
  const data = new FormData();
  data.append("csrfmiddlewaretoken", token(form));
  for (const [name, value] of Object.entries(values)) data.append(name, value);
  if (item.url) data.append("url", item.url);
  else data.append("files", item.file, item.name);
  const request = new XMLHttpRequest();
  item.cancel = () => request.abort();
  return new Promise((resolve, reject) => {
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => moved((item.size * event.loaded) / (event.total || 1));
    request.upload.onload = () => moved(item.size);
    request.onerror = () => reject(new Refused(said.offline));
    request.onabort = () => reject(new Cancelled());
    request.onload = () => {
      // A page is the answer to a form whose token is not the browser's any more: somebody signed in elsewhere.
      if (request.status === 403 && !request.response) return reject(new Refused(said.stale));
      const seconds = wait(request.status, request.getResponseHeader("Retry-After"));
      if (seconds !== null) return reject(new Later(request.response?.error || said.waiting, seconds));
      try {
        resolve(outcome(request.response, form));
      } catch (error) {
        reject(error);
      }
    };
    request.send(data);
  });
}

async function inPieces(item, values, form, moved) {
  let stopped = false;
  item.cancel = () => (stopped = true);
  // The library comes only for who needs it; a module's import gives its name to the window.
  if (!window.tus) await import(form.dataset.tus);
  if (stopped) throw new Cancelled();
  const said = metadata(item, values, JSON.parse(form.dataset.spans));
  const address = await new Promise((resolve, reject) => {
    const upload = new window.tus.Upload(item.file, {
      endpoint: form.dataset.uploads,
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_MILLISECONDS,
      headers: { "X-CSRFToken": token(form) },
      metadata: said,
      fingerprint: async (file) => fingerprint(file, form.dataset.who),
      removeFingerprintOnSuccess: true,
      onProgress: moved,
      onShouldRetry: (error) => delay(error) === null && isFault(error),
      onError: (error) => {
        const [words, seconds] = [reason(error, form.dataset), delay(error)];
        reject(seconds === null ? new Refused(words) : new Later(words, seconds));
      },
      onSuccess: () => resolve(upload.url),
    });
    item.cancel = () => {
      upload.abort(true).catch(() => {});
      reject(new Cancelled());
    };
    resume(upload, said).then(() => upload.start(), reject);
  });
  const id = new URL(address, location.href).pathname.split("/").pop();
  const headers = { Accept: "application/json" };
  const answer = await fetch(`${form.getAttribute("action")}/${id}`, { headers });
  return outcome(answer.ok ? await answer.json() : null, form);
}

/* What the browser keeps the upload's address under: whose it is first, so that signing out can clear it. */
function fingerprint(file, who) {
  return ["uploads", who, file.name, file.type, file.size, file.lastModified].join(":");
}

/* Go on with what an earlier page began, where the same was said of the file. */
async function resume(upload, said) {
  const same = JSON.stringify({ ...said, expires_at: "" });
  const before = await upload.findPreviousUploads();
  const found = before.find((one) => JSON.stringify({ ...one.metadata, expires_at: "" }) === same);
  if (found) upload.resumeFromPreviousUpload(found);
}

/* The file's values, under the API's names. */
function metadata(item, values, spans) {
  const { expires, nsfw, ...said } = values;
  for (const name of Object.keys(said)) if (said[name] === "") delete said[name];
  if (nsfw) said.nsfw = "true";
  const seconds = spans[expires];
  if (seconds) said.expires_at = new Date(Date.now() + seconds * 1000).toISOString();
  return { filename: item.name, filetype: item.file.type, ...said };
}

function delay(error) {
  const answer = error.originalResponse;
  return answer ? wait(answer.getStatus(), answer.getHeader("Retry-After")) : null;
}

/* What tus tries again by itself: lost connections, faults of the server, and an upload that is locked. */
function isFault(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return (status < 400 || status >= 500 || status === 409 || status === 423) && navigator.onLine;
}

function reason(error, said) {
  const answer = error.originalResponse;
  if (!answer) return said.offline;
  try {
    const { code, detail } = JSON.parse(answer.getBody());
    return (code === "csrf_failed" ? said.stale : detail) || said.fault;
  } catch {
    return said.fault;
  }
}
