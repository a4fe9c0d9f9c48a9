"use strict";
// Everything is readable without this: it adds a filter, and opens what is folded before printing.
(() => {
  const box = document.getElementById("filter");
  const output = document.querySelector(".filter output");
  const rows = [...document.querySelectorAll("main tbody tr")];
  const groups = [...document.querySelectorAll("main details")];
  const headings = [...document.querySelectorAll("main .group")];
  const sections = [...document.querySelectorAll("main > section")];
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const hasVisibleRow = (element) => element.querySelector("tbody tr:not([hidden])") !== null;

  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (element) => words.every((word) => textOf(element).includes(word));
    const named = new Set(groups.filter((group) => words.length && matches(group.querySelector("summary"))));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !matches(row) && !named.has(row.closest("details"));
      shown += row.hidden ? 0 : 1;
    }
    for (const group of groups) {
      const visible = named.has(group) || hasVisibleRow(group);
      group.hidden = words.length > 0 && !visible;
      group.open = words.length > 0 && visible;
    }
    for (const part of [...headings, ...sections]) {
      part.hidden = words.length > 0 && !hasVisibleRow(part) && part.querySelector("details:not([hidden])") === null;
    }
    output.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  };

  box.addEventListener("input", apply);
  box.closest(".filter").hidden = false;
  addEventListener("beforeprint", () => groups.forEach((group) => { group.open = true; }));
})();
