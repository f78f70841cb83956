// Times the indicators in WebAssembly: node run.mjs MODULE --bars FILE --reps R.
// Prints what `tickwise bench indicators` prints.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { bars: { type: "string" }, reps: { type: "string" } },
});
const { Bench, indicators } = createRequire(import.meta.url)(positionals[0]);
const file = readFileSync(values.bars);
const count = Number(file.readBigUInt64LE(0));
const buffer = file.buffer.slice(file.byteOffset + 8, file.byteOffset + 8 + count * 40);
const column = (index) => new Float64Array(buffer, index * count * 8, count);
const bench = new Bench(column(1), column(2), column(3));

for (const indicator of indicators()) {
  for (const mode of ["batch", "stream"]) {
    const last = bench.pass(indicator, mode === "batch");
    const times = Array.from({ length: Number(values.reps) }, () => {
      const start = performance.now();
      bench.pass(indicator, mode === "batch");
      return ((performance.now() - start) * 1e6) / bench.bars();
    }).sort((a, b) => a - b);
    const row = { impl: "tickwise (wasm)", indicator, mode, ns_per_bar: times[times.length >> 1], last: [...last] };
    console.log(JSON.stringify(row));
  }
}
