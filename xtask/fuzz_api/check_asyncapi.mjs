// Refuses asyncapi.json where its makers' parser finds anything at all.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync("asyncapi.json", "utf8"));
const found = diagnostics.filter(({ severity }) => severity <= 1);
for (const { path, message } of found) console.error(`${path.join("/")}: ${message}`);
if (!document || found.length > 0) process.exit(1);
console.log(`${document.allMessages().length} messages, ${document.allSchemas().length} schemas`);
