const entries = (window.consoleEntries = []);
const { console } = window;
for (const level of ["debug", "log", "info", "warn", "error"]) {
  const write = console[level];
  console[level] = (...said) => {
    entries.push(`${level}: ${said.join(" ")}`);
    write.apply(console, said);
  };
}
window.addEventListener("error", (event) => entries.push(`error: ${event.message}`));
window.addEventListener("unhandledrejection", (event) => entries.push(`error: ${event.reason}`));
window.addEventListener("securitypolicyviolation", (event) => {
  entries.push(`error: ${event.violatedDirective} forbids ${event.blockedURI}`);
});
