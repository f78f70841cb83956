// Starts the dashboard. A file of its own, because the Content-Security-Policy
// allows no inline script.
import init from "/tickwise-frontend.js";

try {
  await init({ module_or_path: "/tickwise-frontend_bg.wasm" });
  document.getElementById("loading")?.remove();
} catch (error) {
  console.error(error);
  const loading = document.getElementById("loading");
  if (loading) {
    loading.textContent = "Tickwise could not start. It needs a browser with WebAssembly SIMD (2021 or later).";
  }
}
