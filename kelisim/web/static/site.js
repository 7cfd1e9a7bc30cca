// Tables of the site: a click on a head sorts, a word in the field filters, Copy puts the rows on the clipboard.
document.addEventListener("click", (event) => {
  const head = event.target.closest("table.data th button");
  if (head) {
    const cell = head.parentNode, table = cell.closest("table"), body = table.tBodies[0];
    const at = [...cell.parentNode.children].indexOf(cell), number = cell.classList.contains("n");
    const down = cell.getAttribute("aria-sort") === "descending" ? 1 : cell.getAttribute("aria-sort") === "ascending" ? -1 : number ? -1 : 1;
    const value = (row) => row.children[at].dataset.v || "";
    const rows = [...body.rows].sort((a, b) => {
      const x = value(a), y = value(b);
      if (x === "" || y === "") return (x === "") - (y === "");
      return down * (number ? Number(x) - Number(y) : x.localeCompare(y));
    });
    table.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
    cell.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
    rows.forEach((row) => body.appendChild(row));
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const table = copy.closest(".k-table").querySelector("table");
    const text = [...table.rows].filter((row) => row.style.display !== "none")
      .map((row) => [...row.cells].map((c) => c.innerText.trim().replace(/\s+/g, " ")).join("\t")).join("\n");
    const said = (words) => { copy.textContent = words; setTimeout(() => { copy.textContent = "Copy"; }, 1500); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => said("Copied"), () => said("Not allowed"));
    else said("Needs https");
  }
});
document.addEventListener("input", (event) => {
  const field = event.target.closest(".k-table input[type=search]");
  if (!field) return;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  field.closest(".k-table").querySelectorAll("tbody tr").forEach((row) => {
    const text = row.innerText.toLowerCase();
    row.style.display = words.every((word) => text.includes(word)) ? "" : "none";
  });
});
window.addEventListener("popstate", () => window.location.reload());
// Links to other pages and steps take along what the address bar holds at the moment of the click.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-page], a[data-step]");
  if (!link) return;
  const query = new URLSearchParams(window.location.search);
  if (link.dataset.step) query.set("step", link.dataset.step);
  const path = link.dataset.page ? (link.dataset.page === "border" ? "/border" : "/") : window.location.pathname;
  const text = query.toString().replaceAll("%2C", ",");
  link.href = text ? `${path}?${text}` : path;
}, true);
