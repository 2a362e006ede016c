// Draws each chart of the page from its specification; where that cannot be, its table opens instead.
"use strict";

const PLAIN = /^#[0-9a-f]{6}$/;

function specification(figure) {
  const held = JSON.parse(figure.querySelector("script").textContent);
  const names = new Map(Object.entries(held.palette).map(([name, colour]) => [colour, `var(--${name})`]));
  const themed = (key, value) => (typeof value === "string" && PLAIN.test(value) ? names.get(value) || value : value);
  return JSON.parse(JSON.stringify(held.spec), themed);
}

async function draw(figure) {
  const place = figure.querySelector(".drawing");
  try {
    await vegaEmbed(place, specification(figure), {
      actions: false,
      ast: true,
      defaultStyle: false,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true, offsetX: 12, offsetY: 12 },
      loader: { target: "_self" },
    });
    const svg = place.querySelector("svg");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
  } catch (error) {
    fail(figure);
    console.error(`The chart ${figure.id} could not be drawn:`, error);
  }
}

function fail(figure) {
  figure.querySelector(".drawing").classList.add("failed");
  const details = figure.querySelector("details");
  if (details) details.open = true;
}

function drawAll() {
  for (const figure of document.querySelectorAll(".chart")) {
    if (!figure.querySelector(".drawing")) continue;
    if (typeof vegaEmbed === "undefined") fail(figure);
    else draw(figure);
  }
}

drawAll();
document.addEventListener("renewed", drawAll);
