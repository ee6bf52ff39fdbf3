/* Completing the last word of a field of tags with words that the site knows. */

const PAUSE = 200;

const list = document.createElement("datalist");
list.id = "known-tags";
document.body.append(list);
let timer = 0;

/* Complete what is typed into `field`. */
export function complete(field, address) {
  if (field.getAttribute("list")) return;
  field.setAttribute("list", list.id);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look(field.value, address), PAUSE);
  });
}

async function look(text, address) {
  const at = text.lastIndexOf(",") + 1;
  const [before, start] = [text.slice(0, at), text.slice(at).trim()];
  if (!start) return list.replaceChildren();
  try {
    const answer = await fetch(`${address}?${new URLSearchParams({ q: start, size: 8 })}`);
    const { data } = await answer.json();
    const space = before ? `${before} ` : "";
    list.replaceChildren(...data.map((tag) => new Option("", space + tag.name)));
  } catch {
    // Nothing to offer: the word is typed.
  }
}
