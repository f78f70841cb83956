// Served by `cargo xtask dev` only: reloads the page when something was rebuilt.
const build = async () => (await fetch("/dev-build", { cache: "no-store" })).text();
const loaded = await build();
setInterval(async () => {
  const current = await build().catch(() => loaded);
  if (current !== loaded && /^\d+$/.test(current)) location.reload();
}, 1000);
