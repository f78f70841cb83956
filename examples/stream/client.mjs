// A complete client of the stream (docs/stream.md), for browsers and Node.js, without a dependency.
//
//   node client.mjs ws://localhost:8787/api/v1/stream AAPL IBM
//   node client.mjs ws://localhost:8787/api/v1/stream AAPL --quotes 20
//
// (Node.js 20 wants `node --experimental-websocket`.) Prints every message it uses as a line of JSON.
// It resumes where it stopped when the connection breaks, acknowledges what it has used, and
// notices a connection that is dead.

const SILENCE_MS = 25_000; // without a frame, after which a connection is dead
const PING_EVERY_MS = 10_000;
const ACK_EVERY_MS = 1_000;

/** What a connection has to remember: how far each symbol has come. */
export class Stream {
  #url;
  #symbols;
  #use;
  /** symbol → {epoch, seq} of the last quote or snapshot. */
  #places = new Map();
  #moved = new Set();
  #attempt = 0;
  #socket;
  #timers = [];
  #isClosed = false;

  /** Follows symbols, and calls `use` with every message. */
  constructor(url, symbols, use) {
    this.#url = url;
    this.#symbols = symbols;
    this.#use = use;
    this.#connect();
  }

  close() {
    this.#isClosed = true;
    this.#timers.forEach(clearInterval);
    this.#socket.close();
  }

  #connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    let heard = Date.now();
    socket.addEventListener("open", () => {
      heard = Date.now();
      this.#moved.clear();
      this.#subscribe(this.#symbols);
      this.#timers = [
        setInterval(() => this.#acknowledge(), ACK_EVERY_MS),
        setInterval(() => {
          if (Date.now() - heard > SILENCE_MS) this.#resume(socket, "silent");
          else if (Date.now() - heard > PING_EVERY_MS) socket.send("ping");
        }, PING_EVERY_MS / 2),
      ];
    });
    socket.addEventListener("message", ({ data }) => {
      heard = Date.now();
      if (data !== "pong") this.#receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code, reason }) => this.#resume(socket, `${code} ${reason}`));
    socket.addEventListener("error", () => this.#resume(socket, "the connection broke"));
  }

  /** Comes back after a random wait that doubles. */
  #resume(socket, reason) {
    if (socket !== this.#socket || this.#isClosed) return;
    this.#timers.forEach(clearInterval);
    this.#socket = undefined;
    socket.close();
    console.error(`resuming: ${reason}`);
    this.#attempt += 1;
    const waitMs = Math.min(30_000, 250 * 2 ** this.#attempt) * (0.5 + Math.random() / 2);
    setTimeout(() => this.#isClosed || this.#connect(), waitMs);
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  #subscribe(symbols) {
    const known = symbols.filter((symbol) => this.#places.has(symbol));
    const since = Object.fromEntries(known.map((symbol) => [symbol, this.#places.get(symbol)]));
    this.#send({ type: "subscribe", symbols, since });
  }

  #acknowledge() {
    if (this.#moved.size === 0) return;
    const seqs = Object.fromEntries([...this.#moved].map((symbol) => [symbol, this.#places.get(symbol).seq]));
    this.#moved.clear();
    this.#send({ type: "ack", seqs });
  }

  /** Moves on with quotes and snapshots, never with bars. */
  #receive(message) {
    this.#attempt = 0;
    const { type, symbol, seq } = message;
    const place = this.#places.get(symbol);
    if (type === "snapshot") {
      this.#places.set(symbol, { epoch: message.epoch, seq });
      this.#moved.add(symbol);
    } else if (type === "quote") {
      if (!place || seq <= place.seq) return;
      if ((message.from_seq ?? seq) > place.seq + 1) {
        this.#subscribe([symbol]);
        return;
      }
      this.#places.set(symbol, { epoch: place.epoch, seq });
      this.#moved.add(symbol);
    } else if (!["bar", "forecast", "alert", "status", "error"].includes(type)) {
      return;
    }
    this.#use(message);
  }
}

if (globalThis.process?.argv[1]?.endsWith("client.mjs")) {
  const words = process.argv.slice(2);
  const at = words.indexOf("--quotes");
  const [, most] = at < 0 ? [] : words.splice(at, 2);
  const [url, ...symbols] = words;
  if (!url || symbols.length === 0) {
    console.error("usage: node client.mjs URL SYMBOL… [--quotes N]");
    process.exit(2);
  }
  let quotes = 0;
  const stream = new Stream(url, symbols, (message) => {
    if (quotes === Number(most)) return;
    console.log(JSON.stringify(message));
    if (message.type !== "quote") return;
    quotes += 1;
    if (quotes === Number(most)) stream.close();
  });
}
