// Times a reference network, built from the layers that serve forecasts, as WebAssembly in Node.
//
//   node tests/bench/inference.mjs --model PREFIX [--iters N] [--module FOLDER]
//
// PREFIX.safetensors holds the weights, PREFIX.check.json an input and its output; `.onnx` after PREFIX is ignored.
// Without --module it builds the module first (`cargo xtask bench inference --build-only`). Prints one JSON line.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { size, timed } from "./inference/timing.mjs";

const NAME = "tickwise_bench_inference";
const { values: options } = parseArgs({
  options: {
    model: { type: "string" },
    iters: { type: "string", default: "2000" },
    module: { type: "string" },
  },
});
if (!options.model) {
  console.error("usage: inference.mjs --model PREFIX [--iters N] [--module FOLDER]");
  process.exit(2);
}
const prefix = options.model.replace(/\.(onnx|safetensors)$/, "");
const folder = options.module ?? build();
const check = JSON.parse(readFileSync(`${prefix}.check.json`));
const x = Float32Array.from(check.x);

// From nothing to the first answer: read, compile, take the weights, run.
const started = performance.now();
const { Network } = createRequire(import.meta.url)(path.resolve(folder, `${NAME}.js`));
const weights = readFileSync(`${prefix}.safetensors`);
const network = new Network(weights);
const y = network.forward(x);
const coldMs = performance.now() - started;

const differences = check.y.map((expected, i) => Math.abs(expected - y[i]));
console.log(
  JSON.stringify({
    impl: "tickwise",
    version: /version = "(.*)"/.exec(readFileSync(new URL("../../Cargo.toml", import.meta.url)))[1],
    node: process.version,
    model: path.basename(prefix),
    ...(await timed(() => network.forward(x), Number(options.iters), 500)),
    cold_ms: coldMs,
    max_abs_err: y.length === check.y.length ? Math.max(...differences) : Infinity,
    model_bytes: weights.length,
    runtime: [`${NAME}.js`, `${NAME}_bg.wasm`].map((file) => size(folder, file)),
  }),
);

// Builds the module and tells where it is; what cargo says goes to stderr.
function build() {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const said = execFileSync("cargo", ["xtask", "bench", "inference", "--build-only"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return said.toString().trim().split("\n").at(-1);
}
