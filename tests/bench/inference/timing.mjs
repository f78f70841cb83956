// What both contenders measure alike.
import { readFileSync } from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

// Median and 99th percentile of `iters` calls, after the engine has had `warmMs` to optimise in the background.
export async function timed(call, iters, warmMs) {
  for (const end = performance.now() + warmMs; performance.now() < end; ) await call();
  const times = [];
  for (let i = 0; i < iters; i++) {
    const start = performance.now();
    const answer = call();
    if (answer instanceof Promise) await answer;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { median_ms: times[times.length >> 1], p99_ms: times[Math.floor(times.length * 0.99)] };
}

// A file's bytes, as it is and compressed.
export function size(folder, file) {
  const bytes = readFileSync(path.join(folder, file));
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
  const brotli = { params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24 } };
  return {
    file,
    raw: bytes.length,
    gzip: zlib.gzipSync(bytes, { level: 9 }).length,
    brotli: zlib.brotliCompressSync(bytes, brotli).length,
  };
}
