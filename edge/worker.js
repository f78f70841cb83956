// The module that workerd runs: hands its events to the WebAssembly instance, and
// replaces an instance that has trapped, with the objects that lived in it.
import { WorkerEntrypoint } from "cloudflare:workers";
import * as wasm from "./index.js";

Error.stackTraceLimit = 100;

// Of the crate `worker`: a trap leaves the instance's memory in no known state.
const state = wasm.__worker_init_state();

function trapped(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("Critical", error);
    state.criticalError = true;
  }
}

// Traps in callbacks, which no call below sees.
addEventListener("error", (event) => trapped(event.error));

// Calls into the instance, a fresh one where the last call trapped.
function call(target, self, args) {
  const failed = (error) => {
    trapped(error);
    throw error;
  };
  if (state.criticalError) {
    console.log("Reinitializing the WebAssembly instance");
    wasm.__wbg_reset_state();
    state.criticalError = false;
    state.instanceId++;
  }
  try {
    const result = target.apply(self(), args);
    return result instanceof Promise ? result.catch(failed) : result;
  } catch (error) {
    return failed(error);
  }
}

// A Durable Object's class, whose objects are made again in each new instance.
function durable(Class) {
  return class Durable {
    #make;
    #object;
    #instance;

    static {
      for (const name of Object.getOwnPropertyNames(Class.prototype)) {
        const method = Class.prototype[name];
        if (typeof method !== "function" || name === "constructor") continue;
        Durable.prototype[name] = function (...args) {
          return call(method, () => this.#current(), args);
        };
      }
    }

    constructor(ctx, env) {
      this.#make = () => new Class(ctx, env);
      call(() => {}, () => this.#current(), []);
    }

    #current() {
      if (this.#instance !== state.instanceId) {
        this.#object = this.#make();
        this.#instance = state.instanceId;
      }
      return this.#object;
    }
  };
}

export const Feed = durable(wasm.Feed);
export const Gateway = durable(wasm.Gateway);
export const Scheduler = durable(wasm.Scheduler);

export default class extends WorkerEntrypoint {
  fetch(request) {
    return call(wasm.fetch, () => this, [request, this.env, this.ctx]);
  }
  queue(batch) {
    return call(wasm.queue, () => this, [batch, this.env, this.ctx]);
  }
  scheduled(event) {
    return call(wasm.scheduled, () => this, [event, this.env, this.ctx]);
  }
}
