// Runs before the first paint, so that a chosen theme never flashes the other one. It is a file of its
// own because the content security policy allows no inline scripts.
(function () {
  var theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("hookbench.settings") || "{}").theme;
  } catch {
    // Storage can be switched off or hold something unreadable: the system's theme then decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
