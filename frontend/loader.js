// Starts the dashboard. A file of its own, because the Content-Security-Policy
// allows no inline script. Browsers that are too old for the dashboard still have to
// understand this file, or they could not say so: no newer syntax than `import()`.
const loading = document.getElementById("loading");

import("/tickwise-frontend.js")
  .then((dashboard) => dashboard.default({ module_or_path: "/tickwise-frontend_bg.wasm" }))
  .then(() => loading.remove())
  .catch((error) => {
    console.error(error);
    loading.textContent = "Tickwise could not start. It needs Chrome or Edge 97, Firefox 102, Safari 16.4, or newer.";
  });
