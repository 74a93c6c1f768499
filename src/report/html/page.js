"use strict";
// Lets a click on a column's title sort its table. Cells carry their rank; one without comes last, whatever the direction.
(() => {
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const rank = (row) => row.cells[column].dataset.rank;
    const compare = (left, right) => {
      const [first, second] = [rank(left), rank(right)];
      if (first === undefined || second === undefined) {
        return (first === undefined) - (second === undefined);
      }
      return direction * (Number(first) - Number(second));
    };
    body.append(...Array.from(body.rows).sort(compare));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const titles = Array.from(table.tHead.rows[0].cells);
    titles.forEach((title, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...title.childNodes);
      title.append(button);
      button.addEventListener("click", () => {
        const descending = title.getAttribute("aria-sort") === "ascending";
        titles.forEach((other) => other.removeAttribute("aria-sort"));
        title.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending ? -1 : 1);
      });
    });
  }
  document.documentElement.dataset.sortable = "yes";
})();
