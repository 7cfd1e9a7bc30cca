const NS = "http://www.w3.org/2000/svg";
const LOOKS = { i: "idle", l: "low", m: "mid", h: "high", o: "out" };
const SHORT = ["#fbd9e0", "#f49ab6", "#e0559a", "#ab1a86", "#5d0a6b"];
const LEVELS = ["", "M-7-7H7V7H-7Z", "M0-10L10 0L0 10L-10 0Z", "M-5-11H5L11-5V5L5 11H-5L-11 5V-5Z"]; // square, diamond, octagon
const ARROW = "M-3.6-3.4L4.4 0L-3.6 3.4L-2 0z";

function make(tag, attributes, parent) {
  const node = document.createElementNS(NS, tag);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (parent) parent.appendChild(node);
  return node;
}

export default {
  template: `
    <div class="live-map" ref="stage">
      <svg ref="svg" class="km" role="img" aria-label="Map of flows" viewBox="0 0 1000 620">
        <defs><pattern :id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V5" stroke="#3b0a45" stroke-width="1.1" stroke-opacity=".55"/></pattern></defs>
        <g ref="ground"></g><g ref="layers"></g><g ref="labels"></g>
      </svg>
      <div class="tools">
        <button type="button" aria-label="Closer" @click="zoom(0.65)">+</button>
        <button type="button" aria-label="Farther" @click="zoom(1.54)">&#8722;</button>
        <button type="button" aria-label="First view" @click="home()">&#8962;</button>
        <button type="button" aria-label="Everything" @click="everything()">&#10530;</button>
      </div>
      <div class="tip" ref="tip" hidden></div>
    </div>`,
  props: { source: String },
  data() {
    return { hatch: "hatch-" + Math.random().toString(36).slice(2) };
  },
  async mounted() {
    this.layers = {};
    this.chosen = [];
    this.touches = new Map();
    this.listen();
    const answer = await fetch(this.source);
    this.sheet = await answer.json();
    this.drawGround();
    if (this.waiting) this.show(this.waiting);
    this.watcher = new ResizeObserver(() => { if (!this.moved) this.home(); else this.place(); });
    this.watcher.observe(this.$refs.stage);
  },
  unmounted() {
    if (this.watcher) this.watcher.disconnect();
  },
  methods: {
    drawGround() {
      const g = this.$refs.ground;
      if (this.sheet.sea) make("path", { class: "sea", d: this.sheet.sea }, g);
      const land = make("g", { class: "land" }, g);
      this.sheet.land.forEach((d) => make("path", { d }, land));
      if (this.sheet.lake) make("path", { class: "lake", d: this.sheet.lake }, g);
    },
    layer(key) {
      if (this.layers[key]) return this.layers[key];
      const family = this.sheet.families[key];
      const root = make("g", {}, this.$refs.layers);
      const shorts = make("g", {}, root), halos = make("g", {}, root), lines = make("g", {}, root);
      const dashes = make("g", {}, root), arrows = make("g", {}, root), hits = make("g", {}, root), dots = make("g", {}, root), marks = make("g", {}, root);
      const ways = family.ways.map((way, at) => {
        const line = make("path", { class: "ln", d: way.d }, lines);
        const length = line.getTotalLength(), here = line.getPointAtLength(0.56 * length);
        const a = line.getPointAtLength(0.52 * length), b = line.getPointAtLength(0.6 * length);
        const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
        const arrow = make("g", {}, arrows);
        const head = make("path", { class: "ah", d: ARROW }, arrow);
        const hit = make("path", { class: "hit", d: way.d, "data-way": at }, hits);
        return {
          line, arrow, head, hit, here, turn,
          halo: make("path", { class: "halo", d: way.d }, halos),
          dash: make("path", { class: "dash", d: way.d }, dashes),
        };
      });
      const spots = family.dots.map((dot, at) => {
        const r = [2.2, 3.4, 5.0][dot.s];
        const node = make("circle", { class: "dot", cx: dot.x, cy: dot.y, r, "data-dot": at, fill: dot.g ? family.colour : "#fff" }, dots);
        node.style.setProperty("--r", r);
        return node;
      });
      return (this.layers[key] = { root, shorts, marks, ways, spots, family });
    },
    show(frame) {
      if (!this.sheet) { this.waiting = frame; return; }
      const changed = this.front !== frame.family;
      this.front = frame.family;
      this.frame = frame;
      const layer = this.layer(frame.family);
      for (const key in this.layers) this.layers[key].root.style.display = key === frame.family ? "" : "none";
      layer.ways.forEach((way, at) => {
        const look = LOOKS[frame.l[at]], width = frame.w[at], far = layer.family.ways[at].far;
        const shown = !(far && look === "idle");
        way.line.setAttribute("class", "ln " + look);
        way.line.style.setProperty("--w", width);
        way.line.style.display = way.hit.style.display = shown ? "" : "none";
        const turn = way.turn + (frame.d[at] < 0 ? 180 : 0);
        way.arrow.setAttribute("transform", `translate(${way.here.x.toFixed(1)} ${way.here.y.toFixed(1)}) rotate(${turn.toFixed(0)})`);
        way.arrow.style.display = frame.d[at] && look !== "out" ? "" : "none";
        way.head.setAttribute("class", "ah " + look);
        way.head.style.setProperty("--a", (0.75 + 0.14 * width).toFixed(2));
        way.dash.style.display = frame.d[at] && width > 2 ? "" : "none";
        way.dash.setAttribute("class", frame.d[at] < 0 ? "dash back" : "dash");
        way.dash.style.setProperty("--w", width);
        way.halo.setAttribute("class", "halo" + (frame.c[at] > 0 ? " more" : frame.c[at] < 0 ? " less" : ""));
        way.halo.style.setProperty("--w", width);
      });
      layer.shorts.textContent = "";
      for (const at in frame.s) {
        const dot = layer.family.dots[at];
        for (const fill of [SHORT[frame.s[at]], `url(#${this.hatch})`])
          make("circle", { class: "short", cx: dot.x, cy: dot.y, r: 15, fill, "data-dot": at, "data-class": frame.s[at] }, layer.shorts);
      }
      layer.marks.textContent = "";
      for (const at in frame.v || {}) {
        const dot = layer.family.dots[at], level = frame.v[at];
        const spot = make("g", { transform: `translate(${dot.x} ${dot.y})` }, layer.marks);
        const mark = make("g", { class: "lv l" + level, "data-level": level }, spot);
        make("path", { d: LEVELS[level], transform: "translate(15 -13)", "data-dot": at }, mark);
        make("text", { x: 15, y: -9.2, "text-anchor": "middle" }, mark).textContent = "!".repeat(level);
      }
      this.mark(this.chosen);
      if (changed && !this.moved) this.home(); else this.place();
      this.$refs.stage.dataset.family = frame.family;
      this.$refs.stage.dataset.drawn = String(frame.mark || "");
      this.$refs.stage.dataset.at = String(performance.now());
    },
    mark(keys) {
      this.chosen = keys;
      for (const key in this.layers) {
        const layer = this.layers[key];
        layer.family.ways.forEach((way, at) => layer.ways[at].line.classList.toggle("on", keys.includes(way.k)));
        layer.family.dots.forEach((dot, at) => layer.spots[at].classList.toggle("on", keys.includes(dot.k)));
      }
    },
    // ---- what is in view
    fitted(box) {
      const w = this.$refs.stage.clientWidth, h = this.$refs.stage.clientHeight;
      let [left, top, right, bottom] = box;
      if (w < 560) { // a narrow screen gives up the margins before it gives up size
        const cut = Math.min(0.24, 0.5 * (1 - w / h / ((right - left) / (bottom - top))));
        if (cut > 0) { const d = ((right - left) * cut) / 2; left += d; right -= d; }
      }
      const scale = Math.max((right - left) / w, (bottom - top) / h), cx = (left + right) / 2, cy = (top + bottom) / 2;
      return { x: cx - (scale * w) / 2, y: cy - (scale * h) / 2, w: scale * w, h: scale * h };
    },
    home() {
      if (!this.sheet || !this.front || this.$refs.stage.clientWidth < 10) return;
      this.moved = false;
      this.view = this.fitted(this.sheet.families[this.front].home);
      this.place();
    },
    everything() {
      this.moved = true;
      this.view = this.fitted(this.sheet.whole);
      this.place();
    },
    place() {
      if (!this.view) return;
      const svg = this.$refs.svg;
      this.k = this.view.w / this.$refs.stage.clientWidth;
      svg.setAttribute("viewBox", [this.view.x, this.view.y, this.view.w, this.view.h].join(" "));
      svg.style.setProperty("--k", this.k);
      svg.style.setProperty("--s", Math.min(1.25, Math.max(0.62, Math.pow(1 / this.k, 0.6))));
      svg.classList.toggle("zoomed", !!this.moved);
      this.label();
    },
    zoom(by, x, y) {
      if (!this.view || this.view.w * by < 40 || this.view.w * by > 8000) return;
      const v = this.view, cx = x === undefined ? v.x + v.w / 2 : x, cy = y === undefined ? v.y + v.h / 2 : y;
      this.moved = true;
      this.view = { x: cx - (cx - v.x) * by, y: cy - (cy - v.y) * by, w: v.w * by, h: v.h * by };
      this.place();
    },
    at(event) {
      const frame = this.$refs.stage.getBoundingClientRect();
      return [this.view.x + (event.clientX - frame.left) * this.k, this.view.y + (event.clientY - frame.top) * this.k];
    },
    width(words, weight) {
      if (!this.ruler) this.ruler = document.createElement("canvas").getContext("2d");
      this.ruler.font = weight + " 11px " + getComputedStyle(this.$refs.svg).fontFamily;
      return this.ruler.measureText(words).width;
    },
    label() {
      const g = this.$refs.labels, v = this.view, k = this.k, W = this.$refs.stage.clientWidth, H = this.$refs.stage.clientHeight;
      const taken = [[W - 46, 0, W, 164]];
      let left = Math.round((W * H) / 21000) + 3;
      const px = (row) => [(row.x - v.x) / k, (row.y - v.y) / k];
      const free = (b) => b[0] >= 3 && b[1] >= 3 && b[2] <= W - 3 && b[3] <= H - 3 &&
        !taken.some((o) => b[0] < o[2] && b[2] > o[0] && b[1] < o[3] && b[3] > o[1]);
      const write = (words, x, y, anchor, look) => {
        make("text", { class: look, x: v.x + x * k, y: v.y + y * k, "text-anchor": anchor }, g).textContent = words;
      };
      g.textContent = "";
      this.sheet.names.forEach((row) => {
        const p = px(row), words = row.n.toUpperCase(), half = this.width(words, "400") / 2 + 0.7 * row.n.length;
        const box = [p[0] - half, p[1] - 9, p[0] + half, p[1] + 5];
        if (row.s / k > 0.35 * half && free(box)) { taken.push(box); write(words, p[0], p[1], "middle", "cn"); }
      });
      if (!this.front) return;
      const dots = this.sheet.families[this.front].dots, short = (this.frame && this.frame.s) || {};
      const rank = (at) => (at in short ? 10 : 0) + (this.chosen.includes(dots[at].k) ? 20 : 0) + dots[at].s * 2 + (dots[at].g ? 1 : 0);
      const order = dots.map((_, at) => at).sort((a, b) => rank(b) - rank(a) || (dots[a].n < dots[b].n ? -1 : 1));
      dots.forEach((row) => { const p = px(row); taken.push([p[0] - 3, p[1] - 3, p[0] + 3, p[1] + 3]); });
      for (const at in (this.frame && this.frame.v) || {}) { const p = px(dots[at]); taken.push([p[0] + 3, p[1] - 26, p[0] + 27, p[1] - 1]); }
      order.forEach((at) => {
        if (left <= 0) return;
        const row = dots[at], big = row.s === 2 || at in short, p = px(row), wide = this.width(row.n, big ? "600" : "400") + 3;
        [[8, 4, "start"], [-8, 4, "end"], [0, -9, "middle"], [0, 17, "middle"]].some((o) => {
          const x = p[0] + o[0] - (o[2] === "start" ? 0 : o[2] === "end" ? wide : wide / 2);
          const box = [x, p[1] + o[1] - 10, x + wide, p[1] + o[1] + 3];
          if (!free(box)) return false;
          taken.push(box);
          left -= 1;
          write(row.n, p[0] + o[0], p[1] + o[1], o[2], big ? "pl big" : "pl");
          return true;
        });
      });
    },
    // ---- the pointer
    words(target) {
      if (!this.frame) return "";
      if (target.dataset.way !== undefined) return this.frame.t[+target.dataset.way];
      const at = target.dataset.dot;
      return this.frame.p[at] || this.sheet.families[this.front].dots[+at].n;
    },
    tip(event) {
      const tip = this.$refs.tip, target = event.target;
      const words = target.dataset && (target.dataset.way !== undefined || target.dataset.dot !== undefined) ? this.words(target) : "";
      tip.hidden = !words;
      if (!words) return;
      tip.textContent = words;
      const frame = this.$refs.stage.getBoundingClientRect(), x = event.clientX - frame.left, y = event.clientY - frame.top;
      tip.style.left = Math.max(4, x + 16 + tip.offsetWidth > frame.width ? x - tip.offsetWidth - 12 : x + 14) + "px";
      tip.style.top = Math.max(4, Math.min(y + 12, frame.height - tip.offsetHeight - 6)) + "px";
    },
    listen() {
      const svg = this.$refs.svg;
      svg.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" && !this.held) this.tip(event); });
      svg.addEventListener("pointerleave", () => { this.$refs.tip.hidden = true; });
      svg.addEventListener("click", (event) => {
        if (this.dragged) { this.dragged = false; return; }
        const data = event.target.dataset || {}, family = this.sheet && this.sheet.families[this.front];
        if (!family) return;
        if (data.way !== undefined) this.$emit("pick", { kind: "way", key: family.ways[+data.way].k });
        else if (data.dot !== undefined) this.$emit("pick", { kind: "place", key: family.dots[+data.dot].k });
      });
      svg.addEventListener("pointerdown", (event) => {
        if (!this.view) return;
        this.touches.set(event.pointerId, event);
        this.dragged = false;
        if (event.pointerType === "mouse" || this.moved || this.touches.size > 1)
          this.held = { x: event.clientX, y: event.clientY, vx: this.view.x, vy: this.view.y, apart: this.apart(), view: this.view };
      });
      window.addEventListener("pointermove", (event) => {
        if (!this.held || !this.$refs.stage) return;
        if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, event);
        if (this.touches.size > 1 && this.held.apart) { // two fingers
          const both = [...this.touches.values()];
          const middle = { clientX: (both[0].clientX + both[1].clientX) / 2, clientY: (both[0].clientY + both[1].clientY) / 2 };
          this.dragged = true;
          const by = this.held.apart / Math.max(this.apart(), 1);
          this.held.apart = this.apart();
          this.zoom(by, ...this.at(middle));
          return;
        }
        const dx = event.clientX - this.held.x, dy = event.clientY - this.held.y;
        if (!this.dragged && Math.abs(dx) + Math.abs(dy) < 5) return;
        this.dragged = this.moved = true;
        svg.classList.add("drag");
        this.view = { ...this.view, x: this.held.vx - dx * this.k, y: this.held.vy - dy * this.k };
        this.place();
      });
      const drop = (event) => { this.touches.delete(event.pointerId); this.held = null; svg.classList.remove("drag"); };
      window.addEventListener("pointerup", drop);
      window.addEventListener("pointercancel", drop);
      svg.addEventListener("dblclick", (event) => this.zoom(0.5, ...this.at(event)));
      svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) return; // the plain wheel belongs to the page
        event.preventDefault();
        this.zoom(event.deltaY > 0 ? 1.25 : 0.8, ...this.at(event));
      }, { passive: false });
    },
    apart() {
      const both = [...this.touches.values()];
      return both.length > 1 ? Math.hypot(both[0].clientX - both[1].clientX, both[0].clientY - both[1].clientY) : 0;
    },
  },
};
