/* What is dropped, pasted or chosen, as files and addresses. */

const ADDRESS = /https?:\/\/[^\s<>"']+/gi;

/* The files among entries and files, those in folders too. */
export async function walk(entries) {
  const files = [];
  for (const entry of entries) {
    if (entry instanceof File) files.push(entry);
    else if (entry?.isFile) files.push(await opened(entry));
    else if (entry?.isDirectory) files.push(...(await walk(await inside(entry))));
  }
  return files.filter((file) => file && isWanted(file));
}

/* Files that operating systems leave in folders are not uploads. */
export function isWanted(file) {
  return !/^(\..*|thumbs\.db|desktop\.ini)$/i.test(file.name);
}

function opened(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

async function inside(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    // Given out a hundred at a time, until there are none.
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/* The addresses in a text, each once. */
export function addresses(text) {
  return [...new Set(text.match(ADDRESS) ?? [])];
}
