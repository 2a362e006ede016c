// Draws each chart of the page from its specification; where that cannot be, its table opens instead.
"use strict";

const PLAIN = /^#[0-9a-f]{6}$/;
const BARE = { actions: false, ast: true, defaultStyle: false }; // nothing that the page's policy would refuse
const KINDS = { SVG: "image/svg+xml", PNG: "image/png" };

function held(figure) {
  return JSON.parse(figure.querySelector("script").textContent);
}

function specification(figure) {
  const { spec, palette } = held(figure);
  const names = new Map(Object.entries(palette).map(([name, colour]) => [colour, `var(--${name})`]));
  const themed = (key, value) => (typeof value === "string" && PLAIN.test(value) ? names.get(value) || value : value);
  return JSON.parse(JSON.stringify(spec), themed);
}

async function draw(figure) {
  const place = figure.querySelector(".drawing");
  try {
    await vegaEmbed(place, specification(figure), {
      ...BARE,
      renderer: "svg",
      tooltip: { disableDefaultStyle: true, offsetX: 12, offsetY: 12 },
      loader: { target: "_self" },
    });
    const svg = place.querySelector("svg");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    offerPictures(figure);
  } catch (error) {
    fail(figure);
    console.error(`The chart ${figure.id} could not be drawn:`, error);
  }
}

function offerPictures(figure) {
  const forms = figure.querySelector(".forms");
  if (!forms || forms.querySelector("button")) return;
  for (const kind of Object.keys(KINDS)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind;
    button.addEventListener("click", () => save(figure, kind));
    forms.append(button);
  }
}

async function save(figure, kind) {
  // A picture stands by itself: with its title, on white, in the colours of the light page, and without links.
  const { spec } = held(figure);
  const plain = JSON.parse(JSON.stringify(spec), (key, value) => (key === "href" ? undefined : value));
  plain.width = Math.max(560, figure.querySelector(".drawing").clientWidth);
  const lines = new RegExp(`.{1,${Math.floor(plain.width / 7)}}(\\s|$)`, "g");
  const about = figure.querySelector(".about-it").textContent.match(lines);
  const look = { anchor: "start", fontSize: 16, subtitleFontSize: 12, subtitleColor: "#5a6670", subtitlePadding: 6 };
  plain.title = { text: figure.querySelector("h2").textContent, subtitle: about, offset: 14, ...look };
  Object.assign(plain.config, { background: "#ffffff", padding: 16 });
  const { view } = await vegaEmbed(document.createElement("div"), plain, { ...BARE, renderer: "none", tooltip: false });
  const svg = async () => new Blob([await view.toSVG()], { type: KINDS.SVG });
  const png = async () => new Promise((done) => view.toCanvas(2).then((canvas) => canvas.toBlob(done, KINDS.PNG)));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (kind === "SVG" ? svg() : png()));
  link.download = `${figure.id.replace(/^chart-/, "")}.${kind.toLowerCase()}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  view.finalize();
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
