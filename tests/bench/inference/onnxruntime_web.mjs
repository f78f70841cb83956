// Times a reference network by onnxruntime-web (WebAssembly, one thread) in Node; prints one JSON line.
//
//   node onnxruntime_web.mjs --module PACKAGE --model PREFIX [--iters N]      PACKAGE: node_modules/onnxruntime-web
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { size, timed } from "./timing.mjs";

const { values: options } = parseArgs({
  options: { module: { type: "string" }, model: { type: "string" }, iters: { type: "string", default: "2000" } },
});
const dist = path.join(options.module, "dist");
const check = JSON.parse(readFileSync(`${options.model}.check.json`));

const started = performance.now();
const ort = await import(pathToFileURL(path.join(dist, "ort.node.min.mjs")));
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
const session = await ort.InferenceSession.create(readFileSync(`${options.model}.onnx`), { executionProviders: ["wasm"] });
const feeds = { x: new ort.Tensor("float32", Float32Array.from(check.x), [1, 64, 16]) };
const y = (await session.run(feeds)).y.data;
const coldMs = performance.now() - started;

const { version } = JSON.parse(readFileSync(path.join(options.module, "package.json")));
console.log(
  JSON.stringify({
    impl: "onnxruntime-web",
    version,
    model: path.basename(options.model),
    // Its 14 MB take the engine longer to optimise.
    ...(await timed(() => session.run(feeds), Number(options.iters), 2500)),
    cold_ms: coldMs,
    max_abs_err: Math.max(...check.y.map((expected, i) => Math.abs(expected - y[i]))),
    // What a browser downloads: the smallest entry and what it loads.
    runtime: ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map((file) =>
      size(dist, file),
    ),
  }),
);
process.exit(0);
