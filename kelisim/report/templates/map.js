window.kelisimMap = window.kelisimMap || function (root) {
  "use strict";
  var stage = root.querySelector(".km-stage"), svg = stage.querySelector("svg.km"), card = root.querySelector(".km-card");
  var data = JSON.parse(root.querySelector(".km-data").textContent), group = svg.querySelector(".labels");
  var NS = "http://www.w3.org/2000/svg", front = data.front, view = null, k = 1, held = null, kept = false, touched = false;

  function home() { return data.homes[front] || [0, 0, 1000, 620]; }

  svg.querySelectorAll(".ln").forEach(function (line) {
    var hit = line.cloneNode(false);
    hit.setAttribute("class", "hit");
    hit.removeAttribute("style");
    hit.removeAttribute("stroke-width");
    line.parentNode.insertBefore(hit, line.nextSibling);
    hit.twin = line;
  });

  function fitted(box) {
    var w = stage.clientWidth, h = stage.clientHeight, bw = box[2] - box[0], bh = box[3] - box[1];
    if (w < 560) { // a narrow screen gives up the margins before it gives up size
      var cut = Math.min(0.24, 0.5 * (1 - (w / h) / (bw / bh)));
      if (cut > 0 && box === home()) { box = [box[0] + bw * cut / 2, box[1], box[2] - bw * cut / 2, box[3]]; bw *= 1 - cut; }
    }
    var scale = Math.max(bw / w, bh / h);
    var cx = (box[0] + box[2]) / 2, cy = (box[1] + box[3]) / 2;
    return { x: cx - scale * w / 2, y: cy - scale * h / 2, w: scale * w, h: scale * h };
  }

  function show() {
    if (!view) { return; }
    k = view.w / stage.clientWidth;
    svg.setAttribute("viewBox", [view.x, view.y, view.w, view.h].join(" "));
    svg.style.setProperty("--k", k);
    svg.style.setProperty("--s", Math.min(1.25, Math.max(0.62, Math.pow(1 / k, 0.6))));
    svg.classList.toggle("zoomed", view.w < fitted(home()).w * 0.98);
    label();
  }

  function reset(box) {
    if (stage.clientWidth < 10) { return; }
    view = fitted(box);
    show();
  }

  function text(row, x, y, anchor, look) {
    var node = document.createElementNS(NS, "text");
    node.textContent = look === "cn" ? row.n.toUpperCase() : row.n;
    node.setAttribute("class", look);
    node.setAttribute("x", view.x + x * k);
    node.setAttribute("y", view.y + y * k);
    node.setAttribute("text-anchor", anchor);
    group.appendChild(node);
  }

  var ruler = document.createElement("canvas").getContext("2d"), family = window.getComputedStyle(svg).fontFamily;
  function width(words, weight) {
    ruler.font = weight + " 11px " + family;
    return ruler.measureText(words).width;
  }

  function label() {
    var W = stage.clientWidth, H = stage.clientHeight, taken = [[W - 46, 0, W, 164]], left = Math.round(W * H / 21000) + 3;
    function px(row) { return [(row.x - view.x) / k, (row.y - view.y) / k]; }
    function free(box) {
      if (box[0] < 3 || box[1] < 3 || box[2] > W - 3 || box[3] > H - 3) { return false; }
      return !taken.some(function (o) { return box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]; });
    }
    group.textContent = "";
    (data.labels[""] || []).forEach(function (row) {
      var p = px(row), half = width(row.n.toUpperCase(), "400") / 2 + 0.7 * row.n.length, box = [p[0] - half, p[1] - 9, p[0] + half, p[1] + 5];
      if (row.s / k > 0.35 * half && free(box)) { taken.push(box); text(row, p[0], p[1], "middle", "cn"); }
    });
    var rows = data.labels[front] || [];
    rows.forEach(function (row) { var p = px(row); taken.push([p[0] - 3, p[1] - 3, p[0] + 3, p[1] + 3]); });
    rows.forEach(function (row) {
      if (left <= 0) { return; }
      var p = px(row), wide = width(row.n, row.s === 2 ? "600" : "400") + 3;
      [[8, 4, "start"], [-8, 4, "end"], [0, -9, "middle"], [0, 17, "middle"]].some(function (at) {
        var x = p[0] + at[0] - (at[2] === "start" ? 0 : at[2] === "end" ? wide : wide / 2);
        var box = [x, p[1] + at[1] - 10, x + wide, p[1] + at[1] + 3];
        if (!free(box)) { return false; }
        taken.push(box);
        left -= 1;
        text(row, p[0] + at[0], p[1] + at[1], at[2], row.s === 2 ? "pl big" : "pl");
        return true;
      });
    });
  }

  function zoom(by, x, y) {
    if (!view) { return; }
    var cx = x === undefined ? view.x + view.w / 2 : x, cy = y === undefined ? view.y + view.h / 2 : y;
    if (view.w * by < 40 || view.w * by > 8000) { return; }
    touched = true;
    view = { x: cx - (cx - view.x) * by, y: cy - (cy - view.y) * by, w: view.w * by, h: view.h * by };
    show();
  }

  function choose(key) {
    front = key;
    root.querySelectorAll(".layer, .km-below").forEach(function (node) {
      node.style.display = node.getAttribute("data-f") === key ? "" : "none";
    });
    root.querySelectorAll(".km-chips button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-f") === key));
    });
    hide();
    if (touched) { label(); } else { reset(home()); }
  }

  function cell(tag, words, look) {
    var node = document.createElement(tag);
    node.textContent = words;
    if (look) { node.className = look; }
    return node;
  }

  function hide() {
    card.hidden = true;
    kept = false;
    svg.querySelectorAll(".on").forEach(function (node) { node.classList.remove("on"); });
  }

  function open(target, event) {
    var rows = data.cards[+target.getAttribute("data-i")], table = document.createElement("table");
    hide();
    card.textContent = "";
    card.appendChild(cell("b", rows[0]));
    if (rows[1]) { card.appendChild(cell("span", rows[1], "sub")); }
    rows[2].forEach(function (pair) {
      var line = table.insertRow();
      line.appendChild(cell("td", pair[0]));
      line.appendChild(cell("td", pair[1]));
    });
    card.appendChild(table);
    if (rows[3]) { card.appendChild(cell("div", rows[3], "foot")); }
    (target.twin || target).classList.add("on");
    card.hidden = false;
    var frame = stage.getBoundingClientRect(), x = event.clientX - frame.left, y = event.clientY - frame.top;
    var w = card.offsetWidth, h = card.offsetHeight;
    card.style.left = Math.max(4, x + 16 + w > frame.width ? x - w - 14 : x + 16) + "px";
    card.style.top = Math.max(4, Math.min(y + 10, frame.height - h - 6)) + "px";
  }

  svg.addEventListener("pointerover", function (event) {
    if (event.pointerType === "mouse" && !held && !kept && event.target.hasAttribute("data-i")) { open(event.target, event); }
  });
  svg.addEventListener("pointerout", function (event) { if (event.pointerType === "mouse" && !kept) { hide(); } });
  svg.addEventListener("click", function (event) {
    if (event.target.hasAttribute("data-i")) { open(event.target, event); kept = true; } else { hide(); }
  });
  svg.addEventListener("pointerdown", function (event) {
    if (event.pointerType !== "mouse" && !svg.classList.contains("zoomed")) { return; }
    held = { x: event.clientX, y: event.clientY, vx: view.x, vy: view.y, moved: false };
  });
  window.addEventListener("pointermove", function (event) {
    if (!held) { return; }
    var dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!held.moved && Math.abs(dx) + Math.abs(dy) < 5) { return; }
    held.moved = touched = true;
    svg.classList.add("drag");
    view.x = held.vx - dx * k;
    view.y = held.vy - dy * k;
    show();
  });
  window.addEventListener("pointerup", function () { held = null; svg.classList.remove("drag"); });
  window.addEventListener("pointercancel", function () { held = null; svg.classList.remove("drag"); });
  svg.addEventListener("dblclick", function (event) {
    var frame = stage.getBoundingClientRect();
    zoom(0.5, view.x + (event.clientX - frame.left) * k, view.y + (event.clientY - frame.top) * k);
  });
  svg.addEventListener("wheel", function (event) {
    if (!event.ctrlKey) { return; } // the plain wheel belongs to the page
    event.preventDefault();
    var frame = stage.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, view.x + (event.clientX - frame.left) * k, view.y + (event.clientY - frame.top) * k);
  }, { passive: false });
  root.querySelector(".km-tools").addEventListener("click", function (event) {
    var act = event.target.getAttribute("data-z");
    if (act === "in") { zoom(0.65); } else if (act === "out") { zoom(1.54); } else if (act) { reset(act === "home" ? home() : data.whole); touched = act !== "home"; }
  });
  var chips = root.querySelector(".km-chips");
  if (chips) {
    chips.addEventListener("click", function (event) {
      var button = event.target.closest("button");
      if (button) { choose(button.getAttribute("data-f")); }
    });
  }
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { hide(); } });
  if (window.ResizeObserver) { new ResizeObserver(function () { touched = false; reset(home()); }).observe(stage); }
  reset(home());
};
document.querySelectorAll(".kmap:not([data-live])").forEach(function (root) {
  root.setAttribute("data-live", "");
  window.kelisimMap(root);
});
