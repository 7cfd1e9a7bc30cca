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
    // what stands in the table, in the order and with the filter of now: heads, rows, and the sum below
    function matrix() {
      var decimal = document.documentElement.lang === "en" ? "." : ",", all = rows().filter(function (row) { return !row.classList.contains("away"); });
      if (table.tFoot) { all = all.concat([].slice.call(table.tFoot.rows)); }
      return [heads.map(headed)].concat(all.map(function (row) {
        return heads.map(function (head, column) {
          var text = row.cells[column].textContent.trim().replace(/\s+/g, " ");
          if (!head.classList.contains("num")) { return text; }
          var number = text.replace(/[\s\u202f\u00a0]/g, "").replace("\u2212", "-").replace(decimal, ".");
          return /^-?[0-9.]+$/.test(number) ? number : text;
        });
      }));
    }
    function headed(head) {
      var unit = head.querySelector("small");
      return head.firstElementChild.firstChild.textContent.trim() + (unit ? ", " + unit.textContent : "");
    }
    function copied(text, button) {
      function said() { button.textContent = button.dataset.done; window.setTimeout(function () { button.textContent = button.dataset.words; }, 1600); }
      if (navigator.clipboard) { navigator.clipboard.writeText(text).then(said, byHand); } else { byHand(); }
      function byHand() {
        var area = document.createElement("textarea");
        area.value = text;
        document.body.appendChild(area);
        area.select();
        if (document.execCommand("copy")) { said(); }
        area.remove();
      }
    }
    // a text that a spreadsheet would take for a formula stays a text
    function field(text) {
      if (/^[=+@\t]/.test(text) || (/^-/.test(text) && isNaN(Number(text)))) { text = "'" + text; }
      return /[",\n]/.test(text) ? "\"" + text.replace(/"/g, "\"\"") + "\"" : text;
    }
    figure.querySelectorAll(".take button").forEach(function (button) {
      button.dataset.words = button.textContent;
      button.addEventListener("click", function () {
        var lines = matrix();
        if (button.dataset.take === "copy") {
          copied(lines.map(function (line) { return line.join("\t"); }).join("\n"), button);
          return;
        }
        var link = document.createElement("a"), text = lines.map(function (line) { return line.map(field).join(","); }).join("\r\n");
        link.href = URL.createObjectURL(new Blob(["\ufeff" + text + "\r\n"], { type: "text/csv" }));
        link.download = figure.id + ".csv";
        link.click();
        window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
      });
    });
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
        name.textContent = headed(head);
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
