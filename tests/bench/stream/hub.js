// The least that a Durable Object can do for a stream: whoever publishes is
// repeated to whoever has subscribed. No sequence, no storage, no resuming.
export class Hub {
  #readers = new Map();

  constructor(state) {
    this.state = state;
    for (const socket of state.getWebSockets()) this.#follow(socket, socket.deserializeAttachment());
  }

  #follow(socket, symbol) {
    if (!symbol) return;
    const readers = this.#readers.get(symbol) ?? new Set();
    this.#readers.set(symbol, readers.add(socket));
  }

  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.state.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, text) {
    const message = JSON.parse(text);
    if (message.type === 'subscribe') {
      socket.serializeAttachment(message.symbols[0]);
      this.#follow(socket, message.symbols[0]);
    } else if (message.ts) {
      for (const reader of this.#readers.get(message.symbol) ?? []) reader.send(text);
    }
  }

  webSocketClose(socket) {
    for (const readers of this.#readers.values()) readers.delete(socket);
    socket.close();
  }
}

export default {
  fetch(request, env) {
    if (!request.headers.has('upgrade')) return new Response('ready');
    return env.HUB.get(env.HUB.idFromName('hub')).fetch(request);
  },
};
