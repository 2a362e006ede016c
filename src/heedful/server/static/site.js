// What a page can do beyond links and forms: themes, filters that apply themselves, messages as they arrive.
"use strict";

const THEMES = { auto: "System colours", light: "Light colours", dark: "Dark colours" };

function watchTheme() {
  const button = document.querySelector(".theme");
  if (!button) return;
  const name = () => document.documentElement.dataset.theme || "auto";
  const tell = () => {
    button.querySelector(".word").textContent = THEMES[name()];
    button.setAttribute("aria-label", `${THEMES[name()]}, change`);
  };
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(name()) + 1) % names.length];
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
    tell();
  });
  tell();
}

function watchFilters() {
  for (const form of document.querySelectorAll("form.filters")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select")) form.requestSubmit();
    });
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
    window.addEventListener("pageshow", () => {
      for (const field of form.elements) field.disabled = false;
    });
  }
}

class Live {
  // Keeps one list of messages new; holds them back while the reader has paused it.
  constructor(section) {
    this.list = section.querySelector("ol");
    this.button = section.querySelector(".live");
    this.status = section.querySelector("[role=status]");
    this.most = Math.max(12, this.list.children.length);
    this.arrived = 0;
    this.untold = 0;
    this.paused = false;
    this.held = new Map();
    this.button.addEventListener("click", () => this.pause(!this.paused));
    this.source = new EventSource(section.dataset.live);
    this.source.addEventListener("messages", (event) => this.take(JSON.parse(event.data)));
    this.source.addEventListener("open", () => this.tell());
    this.source.addEventListener("error", () => this.tell());
    window.addEventListener("pagehide", () => this.source.close());
    setInterval(() => this.announce(), 10000);
  }

  take(fragments) {
    for (const { id, html } of fragments) this.held.set(id, html);
    if (!this.paused) this.show();
    this.tell();
  }

  show() {
    for (const [id, html] of this.held) {
      const shape = document.createElement("template");
      shape.innerHTML = html;
      const arrived = shape.content.firstElementChild;
      const there = document.getElementById(arrived.id);
      if (there) {
        const same = there.innerHTML === arrived.innerHTML;
        if (!same && !there.contains(document.activeElement)) there.replaceWith(arrived);
      } else {
        arrived.classList.add("new");
        this.list.prepend(arrived);
        this.arrived += 1;
        this.untold += 1;
      }
      this.held.delete(id);
    }
    while (this.list.children.length > this.most && !this.list.lastElementChild.contains(document.activeElement)) {
      this.list.lastElementChild.remove();
    }
    const nothing = this.list.parentElement.querySelector(".nothing");
    if (nothing && this.list.children.length) nothing.remove();
  }

  pause(paused) {
    this.paused = paused;
    if (!paused) this.show();
    this.tell();
  }

  tell() {
    const open = this.source.readyState === EventSource.OPEN;
    const waiting = [...this.held.keys()].length;
    this.button.classList.add("shown");
    this.button.classList.toggle("on", open && !this.paused);
    this.button.setAttribute("aria-pressed", String(this.paused));
    if (!open) this.button.textContent = "Connecting";
    else if (this.paused) this.button.textContent = waiting ? `Paused, ${waiting} waiting` : "Paused";
    else this.button.textContent = this.arrived ? `Live, ${this.arrived.toLocaleString("en")} new` : "Live";
    this.button.title = this.paused ? "Go on" : "Pause";
  }

  announce() {
    if (!this.untold) return;
    this.status.textContent = this.untold === 1 ? "1 new message" : `${this.untold} new messages`;
    this.untold = 0;
  }
}

function watchAge() {
  // Shows newer figures by themselves, but never under the reader's hands.
  const held = document.querySelector("[data-renew]");
  if (held) setTimeout(() => renew(held), 1000 * Number(held.dataset.renew));
}

async function renew(held) {
  const read = () => held.matches(":hover") && held.querySelector(".drawing");
  const busy = () => held.contains(document.activeElement) || read() || held.querySelector("details[open]");
  if (document.hidden || busy()) return void setTimeout(() => renew(held), 5000);
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected) return location.reload(); // the session has ended: sign in, and come back here
    if (!answer.ok || busy()) return watchAge();
    const arrived = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = document.importNode(arrived.querySelector(".blocks:not(.side)"), true);
    const heights = [...held.querySelectorAll(".drawing")].map((drawing) => drawing.offsetHeight);
    fresh.querySelectorAll(".drawing").forEach((drawing, i) => (drawing.style.minHeight = `${heights[i] || 0}px`));
    held.replaceWith(fresh);
    for (const lead of document.querySelectorAll(".head .lead")) {
      lead.textContent = arrived.querySelector(".head .lead")?.textContent ?? "";
    }
    document.dispatchEvent(new CustomEvent("renewed"));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the server is away: look again later
  }
  watchAge();
}

function watchCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    });
  }
}

function askFirst() {
  // What cannot be undone is asked about once more.
  for (const button of document.querySelectorAll(".press .button.danger")) {
    button.form.addEventListener("submit", (event) => {
      if (!confirm(`${button.getAttribute("aria-label") || button.textContent}?`)) event.preventDefault();
    });
  }
}

function pressByKey() {
  // A question is answered by the key that stands before an answer, wherever the focus is.
  const buttons = [...document.querySelectorAll("[data-key]")];
  if (!buttons.length) return;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = buttons.find((one) => one.dataset.key === event.key.toLowerCase());
    if (!button || button.form.dataset.sent) return;
    event.preventDefault();
    button.form.dataset.sent = "yes";
    button.form.requestSubmit(button);
  });
}

function showPlace() {
  // Where the menu is a strip that scrolls, the page one is on is seen in it.
  document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelector(".menu nav")?.addEventListener("focusin", (event) => {
    event.target.scrollIntoView({ block: "nearest", inline: "nearest" }); // whole, also where half of it was seen
  });
}

watchTheme();
showPlace();
askFirst();
pressByKey();
watchCopies();
watchAge();
watchFilters();
for (const section of document.querySelectorAll("[data-live]")) new Live(section);
