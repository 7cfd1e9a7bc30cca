export default {
  template: `<div class="kmap live-map" ref="root" data-live></div>`,
  props: { source: String },
  async mounted() {
    const answer = await fetch(this.source);
    const sheet = await answer.json();
    if (!this.$refs.root) return;
    const pick = (what) => this.$emit("pick", what);
    this.map = new window.KelisimMap(this.$refs.root, sheet, { pick, wheel: true });
    (this.waiting || []).forEach(([act, ...said]) => this.map[act](...said));
  },
  unmounted() {
    if (this.map) this.map.stop();
  },
  methods: {
    tell(act, ...said) {
      if (this.map) this.map[act](...said);
      else (this.waiting = this.waiting || []).push([act, ...said]);
    },
    show(frame) { this.tell("show", frame); },
    choose(keys, rows) { this.tell("choose", keys, rows); },
    look(keys) { this.tell("look", keys); },
  },
};
