(function () {
  "use strict";
  document.querySelectorAll(".chips").forEach(function (chips) {
    chips.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (!button) { return; }
      var key = button.getAttribute("data-carrier");
      chips.querySelectorAll("button").forEach(function (other) { other.setAttribute("aria-pressed", String(other === button)); });
      document.querySelectorAll(".carrier").forEach(function (part) {
        var shown = part.getAttribute("data-carrier") === key;
        part.classList.toggle("shown", shown);
        if (shown) { part.querySelectorAll("figure.plot .canvas").forEach(function (canvas) { globalThis.kelisimCharts.need(canvas.closest("figure")); }); }
      });
    });
  });

  function value(row, column) {
    var text = row.cells[column].getAttribute("data-v"), number = Number(text);
    return text !== "" && !isNaN(number) ? number : text === "-inf" ? -Infinity : text;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") { return a - b; }
    if (typeof a === "number") { return -1; }
    if (typeof b === "number") { return 1; }
    return a.localeCompare(b);
  }

  document.querySelectorAll("figure.table").forEach(function (figure) {
    var table = figure.querySelector("table"), body = table.tBodies[0], heads = [].slice.call(table.tHead.rows[0].cells);
    var more = figure.querySelector(".unfold"), find = figure.querySelector(".filter input"), few = more ? +more.getAttribute("data-few") : 1e9;

    function rows() { return [].slice.call(body.rows).filter(function (row) { return row.className !== "detail"; }); }
    function shut() { body.querySelectorAll("tr.detail").forEach(function (row) { row.remove(); }); }
    function fold() { rows().forEach(function (row, i) { row.classList.toggle("more", i >= few); }); }

    heads.forEach(function (head, column) {
      head.firstElementChild.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "descending" || (head.getAttribute("aria-sort") === null && !head.classList.contains("num"));
        shut();
        var sorted = rows().map(function (row) { return [value(row, column), row]; });
        sorted.sort(function (a, b) { return down ? compare(a[0], b[0]) : compare(b[0], a[0]); });
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "ascending" : "descending");
        sorted.forEach(function (pair) { body.appendChild(pair[1]); });
        fold();
      });
    });
    if (more) {
      var words = more.textContent;
      more.addEventListener("click", function () {
        more.textContent = figure.classList.toggle("open") ? more.dataset.first : words;
      });
    }
    if (find) {
      find.addEventListener("input", function () {
        var text = find.value.trim().toLowerCase();
        shut();
        figure.classList.toggle("open", text !== "");
        rows().forEach(function (row) { row.classList.toggle("away", text !== "" && row.textContent.toLowerCase().indexOf(text) < 0); });
      });
    }
    // a narrow screen shows three columns; the others open as a card below the row
    body.addEventListener("click", function (event) {
      var row = event.target.closest("tr");
      if (!row || row.className === "detail" || event.target.closest("a") || !window.matchMedia("(max-width:640px)").matches) { return; }
      var next = row.nextElementSibling, isOpen = next && next.className === "detail";
      shut();
      if (isOpen) { return; }
      var card = body.insertRow(row.rowIndex - table.tHead.rows.length + 1), place = card.insertCell(), list = document.createElement("dl");
      card.className = "detail";
      place.colSpan = heads.length;
      heads.forEach(function (head, column) {
        if (!head.classList.contains("minor")) { return; }
        var line = document.createElement("div"), name = document.createElement("dt"), text = document.createElement("dd");
        var unit = head.querySelector("small");
        name.textContent = head.firstElementChild.firstChild.textContent + (unit ? ", " + unit.textContent : "");
        text.textContent = row.cells[column].textContent;
        line.appendChild(name);
        line.appendChild(text);
        list.appendChild(line);
      });
      if (!list.children.length) { card.remove(); return; }
      place.appendChild(list);
    });
  });

  var links = [].slice.call(document.querySelectorAll("nav a"));
  if (window.IntersectionObserver) {
    var here = new IntersectionObserver(function (seen) {
      seen.forEach(function (item) {
        if (item.isIntersecting) {
          links.forEach(function (link) { link.classList.toggle("here", link.getAttribute("href") === "#" + item.target.id); });
        }
      });
    }, { rootMargin: "-20% 0px -70% 0px" });
    document.querySelectorAll("main > section").forEach(function (section) { here.observe(section); });
  }
}());
