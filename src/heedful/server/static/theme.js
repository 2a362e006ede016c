// Before anything is painted: scripts run here, and the theme the reader chose.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // storage is switched off
  }
})();
