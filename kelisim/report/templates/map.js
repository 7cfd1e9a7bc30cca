// The map: one drawing for the page, which tells it frame by frame what changed, and for reports, which hold all frames.
// A sheet says what there is (ground, areas, ways, places); a frame says how it stands (widths, looks, words, labels).
window.KelisimMap = window.KelisimMap || (function () {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  const LOOKS = { i: "idle", l: "low", m: "mid", h: "high", o: "out" };
  const LEVELS = ["", "M-7-7H7V7H-7Z", "M0-10L10 0L0 10L-10 0Z", "M-5-11H5L11-5V5L5 11H-5L-11 5V-5Z"]; // square, diamond, octagon
  const ARROW = "M-3.6-3.4L4.4 0L-3.6 3.4L-2 0z", CROSS = "M-5-5L5 5M-5 5L5-5";
  const SPARE = 0.25; // of the stage, drawn around it, so that a drag moves a picture and draws nothing
  const REST = 140; // ms without a move after which it is drawn afresh
  const CLOSEST = 40, FARTHEST = 8000, NARROW = 560;

  function make(tag, attributes, parent) {
    const node = document.createElementNS(NS, tag);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  }
  function html(tag, look, parent, words) {
    const node = document.createElement(tag);
    if (look) node.className = look;
    if (words !== undefined) node.textContent = words;
    if (parent) parent.appendChild(node);
    return node;
  }

  class KelisimMap {
    // root: an element, filled here. options: pick(kind, key), wheel: whether the plain wheel zooms, still: a drawing to take the ground from
    constructor(root, sheet, options) {
      this.root = root;
      this.sheet = sheet;
      this.options = options || {};
      this.layers = {};
      this.chosen = [];
      this.touches = new Map();
      this.mark = "km" + Math.random().toString(36).slice(2, 8);
      this.build();
      this.ground();
      this.listen();
      this.watcher = new ResizeObserver(() => { if (this.moved) this.commit(); else this.home(); });
      this.watcher.observe(this.stage);
    }
    stop() { this.watcher.disconnect(); this.ended = true; }

    // ---- what is there
    build() {
      const words = this.sheet.words;
      this.stage = html("div", "km-stage", this.root);
      this.svg = make("svg", { class: "km", role: "img", "aria-label": words.map_of_flows }, this.stage);
      const defs = make("defs", {}, this.svg);
      const hatch = make("pattern", { id: this.mark, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, defs);
      make("path", { d: "M0 0V5", class: "hatch" }, hatch);
      this.under = make("g", {}, this.svg);
      this.fields = make("g", { class: "areas" }, this.svg);
      this.upper = make("g", {}, this.svg);
      this.names = make("g", { class: "names" }, this.svg);
      const tools = html("div", "km-tools", this.stage);
      const acts = [["+", words.closer, () => this.zoom(0.65)], ["\u2212", words.farther, () => this.zoom(1.54)],
        ["\u2302", words.first_view, () => this.home()], ["\u2922", words.everything, () => this.fit(this.sheet.whole)]];
      for (const [sign, name, act] of acts) {
        const button = html("button", "", tools, sign);
        button.type = "button";
        button.setAttribute("aria-label", name);
        button.title = name;
        button.addEventListener("click", act);
      }
      this.card = html("div", "km-card", this.stage);
      this.card.hidden = true;
      this.list = html("details", "km-list", this.root);
      html("summary", "", this.list, words.as_list);
      this.items = html("div", "km-items", this.list);
      this.list.addEventListener("toggle", () => this.enlist());
    }
    ground() {
      const still = this.options.still && this.options.still.querySelector(".ground");
      if (still) this.under.appendChild(still.cloneNode(true));
      else {
        const g = make("g", { class: "ground" }, this.under);
        if (this.sheet.sea) make("path", { class: "sea", d: this.sheet.sea }, g);
        const land = make("g", { class: "land" }, g);
        this.sheet.land.forEach((d) => make("path", { d }, land));
        if (this.sheet.lake) make("path", { class: "lake", d: this.sheet.lake }, g);
      }
      this.areas = (this.sheet.areas || []).map((area, at) => make("path", { class: "area", d: area.d, "data-area": at }, this.fields));
      this.hatches = this.areas.map(() => null);
      this.countries = this.sheet.names.map((row) => {
        const node = make("text", { class: "cn", x: row.x, y: row.y, "text-anchor": "middle" }, this.names);
        node.textContent = row.n.toUpperCase();
        return node;
      });
    }
    layer(key) {
      if (this.layers[key]) return this.layers[key];
      const family = this.sheet.families[key], root = make("g", { class: "layer", "data-f": key }, this.upper);
      const [shorts, halos, lines, dashes, arrows, hits, dots, marks, labels] = Array.from({ length: 9 }, () => make("g", {}, root));
      labels.setAttribute("class", "labels");
      const ways = family.ways.map((way, at) => {
        const line = make("path", { class: "ln", d: way.d }, lines);
        const hit = make("path", { class: "hit", d: way.d, "data-way": at }, hits);
        return { line, hit, heads: [] };
      });
      const spots = family.dots.map((dot, at) => {
        const r = [2.2, 3.4, 5.0][dot.s];
        make("circle", { class: "near", cx: dot.x, cy: dot.y, "data-dot": at }, hits);
        const node = make("circle", { class: "dot", cx: dot.x, cy: dot.y, r, "data-dot": at, fill: dot.g ? family.colour : "" }, dots);
        node.style.setProperty("--r", r);
        return node;
      });
      const titles = family.dots.map(() => null);
      return (this.layers[key] = { root, shorts, halos, dashes, arrows, marks, labels, ways, spots, titles, family });
    }

    // ---- how it stands
    show(frame) {
      const changed = this.front !== frame.family;
      this.front = frame.family;
      this.frame = frame;
      if (!this.sheet.families[this.front]) return;
      const layer = this.layer(this.front);
      for (const key in this.layers) this.layers[key].root.style.display = key === this.front ? "" : "none";
      for (const part of ["shorts", "halos", "dashes", "arrows", "marks"]) layer[part].textContent = "";
      layer.ways.forEach((way, at) => this.paint(layer, way, at));
      this.fill(layer);
      for (const at in frame.v || {}) {
        const dot = layer.family.dots[at], level = frame.v[at];
        const spot = make("g", { transform: `translate(${dot.x} ${dot.y})` }, layer.marks);
        const mark = make("g", { class: "lv l" + level, "data-level": level }, spot);
        make("path", { d: LEVELS[level], transform: "translate(15 -13)", "data-dot": at }, mark);
        make("text", { x: 15, y: -9.2, "text-anchor": "middle" }, mark).textContent = "!".repeat(level);
      }
      this.label(frame.n || []);
      this.choose(this.chosen);
      if (changed && !this.moved) this.home(); else this.commit();
      this.hide();
      this.enlist();
      const data = this.root.dataset;
      data.family = this.front;
      data.drawn = String(frame.mark || "");
      data.at = String(performance.now());
    }
    paint(layer, way, at) {
      const frame = this.frame, drawn = layer.family.ways[at], look = LOOKS[frame.l[at]], width = frame.w[at], change = (frame.c || [])[at];
      const shown = !(drawn.far && look === "idle");
      way.line.setAttribute("class", "ln " + look);
      way.line.style.setProperty("--w", width);
      way.line.style.display = way.hit.style.display = shown ? "" : "none";
      if (!shown) return;
      if (change) make("path", { class: "halo " + (change > 0 ? "more" : "less"), d: drawn.d }, layer.halos).style.setProperty("--w", width);
      const flows = frame.d[at], heads = look === "out" ? (this.options.pick ? [0] : []) : [].concat(flows).filter(Boolean);
      heads.forEach((turned, i) => {
        const [x, y, turn] = drawn.a[heads.length > 1 ? i + 1 : 0];
        const spot = make("g", { transform: `translate(${x} ${y}) rotate(${turn + (turned < 0 ? 180 : 0)})` }, layer.arrows);
        const head = make("path", { class: turned ? "ah " + look : "cross", d: turned ? ARROW : CROSS }, spot);
        head.style.setProperty("--a", turned ? (0.75 + 0.14 * width).toFixed(2) : 1.1);
      });
      if (heads.length === 1 && heads[0] && width > 2 && this.options.pick) {
        const dash = make("path", { class: heads[0] < 0 ? "dash back" : "dash", d: drawn.d }, layer.dashes);
        dash.style.setProperty("--w", width);
      }
    }
    fill(layer) { // areas and places that are short
      const frame = this.frame, areas = frame.a || {};
      this.areas.forEach((node, at) => {
        const look = areas[at] || "";
        node.setAttribute("class", "area " + look);
        const hatched = look.startsWith("u");
        if (hatched && !this.hatches[at])
          this.hatches[at] = make("path", { class: "over", d: this.sheet.areas[at].d, fill: `url(#${this.mark})` }, this.fields);
        if (this.hatches[at]) this.hatches[at].style.display = hatched ? "" : "none";
      });
      layer.spots.forEach((node, at) => node.classList.toggle("lacks", at in (frame.s || {})));
      for (const at in frame.s || {}) {
        const dot = layer.family.dots[at];
        if (dot.a >= 0 && (areas[dot.a] || "").startsWith("u")) continue; // its region says it
        const place = { cx: dot.x, cy: dot.y, r: 15, "data-dot": at };
        make("circle", { ...place, class: "short u" + frame.s[at], "data-class": frame.s[at] }, layer.shorts);
        make("circle", { ...place, class: "short", fill: `url(#${this.mark})` }, layer.shorts);
      }
    }
    label(rows) { // rows: place, side, levels of zoom at which its name stands, as bits
      const layer = this.layers[this.front], sides = this.sheet.sides;
      layer.said = rows;
      layer.titles.forEach((node) => { if (node) node.style.display = "none"; });
      for (const [at, side] of rows) {
        const dot = layer.family.dots[at], [dx, dy, anchor] = sides[side];
        const node = layer.titles[at] || (layer.titles[at] = make("text", { x: dot.x, y: dot.y }, layer.labels));
        if (!node.firstChild) node.textContent = dot.n;
        node.setAttribute("class", "pl" + (dot.s === 2 || at in (this.frame.s || {}) ? " big" : ""));
        node.setAttribute("text-anchor", anchor);
        node.style.setProperty("--x", dx);
        node.style.setProperty("--y", dy);
      }
    }
    choose(keys, rows) {
      this.chosen = keys;
      if (rows && this.layers[this.front]) this.label(rows);
      for (const key in this.layers) {
        const layer = this.layers[key];
        layer.family.ways.forEach((way, at) => layer.ways[at].line.classList.toggle("on", keys.includes(way.k)));
        layer.family.dots.forEach((dot, at) => layer.spots[at].classList.toggle("on", keys.includes(dot.k)));
      }
      if (rows) this.names_in_view();
    }

    // ---- what is in view
    fitted(box) {
      const w = this.stage.clientWidth, h = this.stage.clientHeight;
      let [left, top, right, bottom] = box;
      if (w < NARROW) { // a narrow screen gives up the margins before it gives up size
        const cut = Math.min(0.24, 0.5 * (1 - w / h / ((right - left) / (bottom - top))));
        if (cut > 0) { const d = ((right - left) * cut) / 2; left += d; right -= d; }
      }
      const scale = Math.max((right - left) / w, (bottom - top) / h), cx = (left + right) / 2, cy = (top + bottom) / 2;
      return { x: cx - (scale * w) / 2, y: cy - (scale * h) / 2, w: scale * w, h: scale * h };
    }
    home() {
      const family = this.sheet.families[this.front];
      if (!family || this.stage.clientWidth < 10) return;
      this.moved = false;
      this.view = this.fitted(family.home);
      this.commit();
    }
    fit(box) {
      if (this.stage.clientWidth < 10) return;
      this.moved = true;
      this.view = this.fitted(box);
      this.commit();
    }
    look(keys) { // go where some ways and places are
      const layer = this.layers[this.front];
      if (!layer) return;
      const boxes = [];
      layer.family.ways.forEach((way, at) => { if (keys.includes(way.k)) { const b = layer.ways[at].hit.getBBox(); boxes.push([b.x, b.y, b.x + b.width, b.y + b.height]); } });
      layer.family.dots.forEach((dot) => { if (keys.includes(dot.k)) boxes.push([dot.x, dot.y, dot.x, dot.y]); });
      if (!boxes.length) return;
      const box = [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(...boxes.map((b) => b[i])));
      const wide = Math.max(1.5 * (box[2] - box[0]), 240), high = Math.max(1.5 * (box[3] - box[1]), 160);
      const cx = (box[0] + box[2]) / 2, cy = (box[1] + box[3]) / 2;
      this.fit([cx - wide / 2, cy - high / 2, cx + wide / 2, cy + high / 2]);
    }
    zoom(by, x, y) {
      if (!this.view || this.view.w * by < CLOSEST || this.view.w * by > FARTHEST) return;
      const v = this.view, cx = x === undefined ? v.x + v.w / 2 : x, cy = y === undefined ? v.y + v.h / 2 : y;
      this.moved = true;
      this.view = { x: cx - (cx - v.x) * by, y: cy - (cy - v.y) * by, w: v.w * by, h: v.h * by };
      this.slide();
    }
    slide() { // move the picture; draw it afresh when it rests or when its edge comes into view
      if (this.asked) return;
      this.asked = requestAnimationFrame(() => {
        this.asked = 0;
        const v = this.view, b = this.drawn, W = this.stage.clientWidth;
        if (!b || this.ended) return;
        const kv = v.w / W, scale = b.w / v.w;
        this.k = kv;
        this.svg.style.transform = `translate(${(b.x - v.x) / kv}px,${(b.y - v.y) / kv}px) scale(${scale})`;
        this.stage.classList.add("moving");
        const beyond = v.x < b.x - SPARE * b.w || v.y < b.y - SPARE * b.h || v.x + v.w > b.x + (1 + SPARE) * b.w || v.y + v.h > b.y + (1 + SPARE) * b.h;
        clearTimeout(this.resting);
        if (beyond && performance.now() - this.since > 250) this.commit();
        else this.resting = setTimeout(() => this.commit(), REST);
      });
    }
    commit() {
      if (!this.view || this.stage.clientWidth < 10) return;
      clearTimeout(this.resting);
      const W = this.stage.clientWidth, H = this.stage.clientHeight;
      if (Math.abs(this.view.h / this.view.w - H / W) > 1e-6) { // another shape of the stage: the same middle and width
        const h = (this.view.w * H) / W;
        this.view = { ...this.view, y: this.view.y + (this.view.h - h) / 2, h };
      }
      const v = this.view, k = (this.k = v.w / W), more = 1 + 2 * SPARE;
      this.drawn = v;
      this.since = performance.now();
      this.svg.setAttribute("viewBox", [v.x - SPARE * v.w, v.y - SPARE * v.h, more * v.w, more * v.h].map((n) => n.toFixed(2)).join(" "));
      this.svg.style.transform = "";
      this.svg.style.setProperty("--k", k);
      this.svg.style.setProperty("--s", Math.min(1.25, Math.max(0.62, Math.pow(1 / k, 0.6))));
      this.stage.classList.toggle("zoomed", !!this.moved);
      this.stage.classList.remove("moving");
      this.names_in_view();
    }
    names_in_view() {
      if (!this.view) return;
      const v = this.view, k = this.k, W = this.stage.clientWidth, H = this.stage.clientHeight;
      let level = -1;
      this.sheet.zooms.forEach((one, at) => { if (k <= one * 1.001) level = at; });
      const stands = (bits) => (level < 0 ? bits & 1 : bits & (1 << level));
      this.sheet.names.forEach((row, at) => {
        const x = (row.x - v.x) / k, y = (row.y - v.y) / k;
        const fits = x > row.w / 2 && x < W - row.w / 2 && y > 12 && y < H - 8;
        this.countries[at].style.display = fits && stands(row.b) ? "" : "none";
      });
      const layer = this.layers[this.front];
      if (!layer) return;
      for (const [at, side, bits] of layer.said) {
        const dot = layer.family.dots[at], anchor = this.sheet.sides[side];
        const left = (dot.x - v.x) / k + anchor[0] - (anchor[2] === "start" ? 0 : anchor[2] === "end" ? dot.w : dot.w / 2);
        const y = (dot.y - v.y) / k, fits = left > 2 && left + dot.w < W - 2 && y > 14 && y < H - 6 && !(left + dot.w > W - 46 && y < 164);
        layer.titles[at].style.display = fits && stands(bits) ? "" : "none";
      }
    }
    at(event) {
      const frame = this.stage.getBoundingClientRect();
      return [this.view.x + (event.clientX - frame.left) * this.k, this.view.y + (event.clientY - frame.top) * this.k];
    }

    // ---- words
    words(target) {
      const data = (target && target.dataset) || {}, frame = this.frame;
      if (!frame) return null;
      if (data.way !== undefined) return frame.t[+data.way];
      if (data.dot !== undefined) return (frame.p || {})[data.dot] || this.sheet.families[this.front].dots[+data.dot].n;
      if (data.area !== undefined) return (frame.b || {})[data.area] || this.sheet.areas[+data.area].n;
      return null;
    }
    tell(event) {
      const words = this.words(event.target), card = this.card;
      card.hidden = !words;
      if (!words) return;
      card.textContent = "";
      if (typeof words === "string") card.textContent = words;
      else {
        html("b", "", card, words[0]);
        if (words[1]) html("span", "sub", card, words[1]);
        const table = html("table", "", card);
        words[2].forEach((pair) => { const line = table.insertRow(); html("td", "", line, pair[0]); html("td", "", line, pair[1]); });
        if (words[3]) html("div", "foot", card, words[3]);
      }
      const frame = this.stage.getBoundingClientRect(), x = event.clientX - frame.left, y = event.clientY - frame.top;
      card.style.left = Math.max(4, x + 16 + card.offsetWidth > frame.width ? x - card.offsetWidth - 12 : x + 14) + "px";
      card.style.top = Math.max(4, Math.min(y + 12, frame.height - card.offsetHeight - 6)) + "px";
    }
    hide() {
      this.card.hidden = true;
      this.kept = false;
      if (!this.options.pick) this.choose([]);
    }
    enlist() { // the same by keyboard: ways by width, then places that are short, then the others
      if (!this.list.open || !this.frame || !this.layers[this.front]) return;
      const frame = this.frame, family = this.sheet.families[this.front], rows = [];
      const head = (words) => (typeof words === "string" ? words : [words[0], ...words[2].slice(0, 2).map((pair) => pair.join(" "))].join(", "));
      const ways = family.ways.map((_, at) => at).filter((at) => !(family.ways[at].far && frame.l[at] === "i"));
      ways.sort((a, b) => (frame.l[b] === "o") - (frame.l[a] === "o") || frame.w[b] - frame.w[a]);
      ways.forEach((at) => rows.push(["way", at, head(frame.t[at])]));
      const dots = family.dots.map((_, at) => at).sort((a, b) => (b in (frame.s || {})) - (a in (frame.s || {})) || family.dots[b].s - family.dots[a].s);
      dots.forEach((at) => rows.push(["dot", at, head((frame.p || {})[at] || family.dots[at].n)]));
      this.items.textContent = "";
      rows.forEach(([kind, at, words]) => {
        const button = html("button", "", this.items, words);
        button.type = "button";
        button.dataset[kind] = at;
      });
    }
    pick(target, event) {
      const data = target.dataset || {}, family = this.sheet.families[this.front];
      const kind = data.way !== undefined ? "way" : data.dot !== undefined ? "place" : data.area !== undefined ? "area" : "";
      if (!kind || !family) return this.hide();
      const key = kind === "way" ? family.ways[+data.way].k : kind === "place" ? family.dots[+data.dot].k : this.sheet.areas[+data.area].p;
      if (this.options.pick) { if (key) this.options.pick({ kind: kind === "way" ? "way" : "place", key }); return; }
      this.choose(kind === "area" ? [] : [key]);
      this.tell(event);
      this.kept = true;
    }

    // ---- the pointer
    listen() {
      const stage = this.stage, svg = this.svg;
      svg.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" && !this.held && !this.kept) this.tell(event); });
      svg.addEventListener("pointerleave", () => { if (!this.kept) this.card.hidden = true; });
      svg.addEventListener("click", (event) => { if (this.dragged) this.dragged = false; else this.pick(event.target, event); });
      this.items.addEventListener("click", (event) => {
        const frame = stage.getBoundingClientRect();
        this.pick(event.target, { target: event.target, clientX: frame.left + 8, clientY: frame.top + 8 });
        const data = event.target.dataset, family = this.sheet.families[this.front];
        if (data.way !== undefined) this.look([family.ways[+data.way].k]);
        else if (data.dot !== undefined) this.look([family.dots[+data.dot].k]);
      });
      svg.addEventListener("pointerdown", (event) => {
        if (!this.view) return;
        this.touches.set(event.pointerId, event);
        this.dragged = false;
        if (event.pointerType === "mouse" || this.moved || this.options.wheel || this.touches.size > 1)
          this.held = { x: event.clientX, y: event.clientY, k: this.k, apart: this.apart(), view: this.view };
      });
      this.move = (event) => {
        if (!this.held) return;
        if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, event);
        if (this.touches.size > 1 && this.held.apart) { // two fingers
          const both = [...this.touches.values()], by = this.held.apart / Math.max(this.apart(), 1), frame = stage.getBoundingClientRect(), v = this.held.view;
          const mx = v.x + ((both[0].clientX + both[1].clientX) / 2 - frame.left) * this.held.k, my = v.y + ((both[0].clientY + both[1].clientY) / 2 - frame.top) * this.held.k;
          this.dragged = true;
          this.view = v;
          this.zoom(by, mx, my);
          return;
        }
        const dx = event.clientX - this.held.x, dy = event.clientY - this.held.y;
        if (!this.dragged && Math.abs(dx) + Math.abs(dy) < 5) return;
        this.dragged = this.moved = true;
        this.card.hidden = true;
        stage.classList.add("drag");
        const v = this.held.view;
        this.view = { ...v, x: v.x - dx * this.held.k, y: v.y - dy * this.held.k };
        this.slide();
      };
      const drop = (event) => { this.touches.delete(event.pointerId); this.held = null; stage.classList.remove("drag"); };
      window.addEventListener("pointermove", this.move);
      window.addEventListener("pointerup", drop);
      window.addEventListener("pointercancel", drop);
      svg.addEventListener("dblclick", (event) => this.zoom(0.5, ...this.at(event)));
      svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !this.options.wheel) return; // the plain wheel belongs to a report
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, ...this.at(event));
      }, { passive: false });
      document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hide(); });
    }
    apart() {
      const both = [...this.touches.values()];
      return both.length > 1 ? Math.hypot(both[0].clientX - both[1].clientX, both[0].clientY - both[1].clientY) : 0;
    }
  }
  return KelisimMap;
})();

// maps of reports: the sheet with a frame for each family stands in the page
document.querySelectorAll(".kmap:not([data-live])").forEach(function (root) {
  const held = root.querySelector(".km-data");
  if (!held) return;
  root.setAttribute("data-live", "");
  const data = JSON.parse(held.textContent), still = root.querySelector(".km-still"), place = root.querySelector(".km-place");
  const map = new window.KelisimMap(place, data.sheet, { still });
  still.remove();
  function front(key) {
    root.querySelectorAll(".km-below").forEach((node) => { node.style.display = node.dataset.f === key ? "" : "none"; });
    root.querySelectorAll(".km-chips button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.f === key)));
    if (data.frames[key]) map.show(data.frames[key]);
  }
  const chips = root.querySelector(".km-chips");
  if (chips) chips.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) front(button.dataset.f); });
  front(data.front);
});
