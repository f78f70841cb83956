// A client with fetch, in one file.
export default {
  tickwise: { input: "./openapi.json", output: { target: "./orval/client.ts", client: "fetch", mode: "single" } },
};
