// A warm process of sharp: one JSON line in, one out. bench/peers/sharp.py says what they hold.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false);
const threads = process.argv[2];
if (threads !== "default") sharp.concurrency(Number(threads));

const sources = new Map();

function read(path) {
  if (!sources.has(path)) sources.set(path, readFileSync(path));
  return sources.get(path);
}

async function made({ source, options, calls }) {
  const data = read(source);
  const before = process.cpuUsage();
  const started = performance.now();
  let image = sharp(data, options);
  for (const [name, ...values] of calls) image = image[name](...values);
  const result = await image.toBuffer();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return [{ seconds, processor: (user + system) / 1e6 }, result];
}

console.log(JSON.stringify({ version: sharp.versions.sharp, threads: sharp.concurrency() }));
for await (const line of createInterface({ input: process.stdin })) {
  const work = JSON.parse(line);
  try {
    const [times, result] = await made(work);
    writeFileSync(work.result, result);
    console.log(JSON.stringify(times));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
