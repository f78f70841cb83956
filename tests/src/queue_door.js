// The Worker under test, with one more path that sends a body to its Queue.
import Worker from "WORKER";
export * from "WORKER";

export default class extends Worker {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/api/v1/queue") return super.fetch(request);
    await this.env.EVENTS.send(await request.text(), { contentType: "text" });
    return new Response();
  }
}
