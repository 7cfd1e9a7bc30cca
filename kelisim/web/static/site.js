// A word in a field of search leaves the entries that hold it; Copy puts what stands before it on the clipboard.
document.addEventListener("input", (event) => {
  const field = event.target.closest("input[data-filter]");
  if (!field) return;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  document.querySelectorAll(field.dataset.filter).forEach((entry) => {
    const text = entry.innerText.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
  });
});
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  const usual = copy.dataset.usual || (copy.dataset.usual = copy.textContent);
  const said = (words) => { copy.textContent = words; setTimeout(() => { copy.textContent = usual; }, 1500); };
  const { copied, refused, unsafe } = copy.dataset;
  if (navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy === "address" ? window.location.href : copy.previousElementSibling.textContent).then(() => said(copied), () => said(refused));
  else said(unsafe);
});
window.addEventListener("popstate", () => window.location.reload());
// Links to other pages, steps and languages take along what the address bar holds at the moment of the click; of a form only the step.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-page], a[data-step], a[data-lang]");
  if (!link) return;
  const query = new URLSearchParams(window.location.search), isForm = /^\/(study|run)\//.test(window.location.pathname);
  if (isForm && !link.dataset.lang) [...query.keys()].filter((key) => key !== "step" && key !== "lang").forEach((key) => query.delete(key));
  if (link.dataset.step) query.set("step", link.dataset.step);
  if (link.dataset.lang) query.set("lang", link.dataset.lang);
  const page = link.dataset.page, path = page ? (page === "map" ? "/" : `/${page}`) : window.location.pathname;
  const text = query.toString().replaceAll("%2C", ",");
  link.href = text ? `${path}?${text}` : path;
}, true);
// The page of an answer in a frame is as tall as it is; what stands around it already is left out.
document.addEventListener("load", (event) => {
  const frame = event.target;
  if (!frame.matches || !frame.matches("iframe.k-report") || !frame.contentDocument.body) return;
  const page = frame.contentDocument;
  page.documentElement.classList.add("framed", frame.dataset.part);
  const look = page.createElement("link");
  look.rel = "stylesheet";
  look.href = "/kelisim/static/framed.css";
  look.onload = () => { frame.classList.add("ready"); frame.contentWindow.dispatchEvent(new Event("resize")); };
  page.head.append(look);
  new ResizeObserver(() => { frame.style.height = `${page.body.scrollHeight + frame.offsetHeight - frame.clientHeight}px`; }).observe(page.body);
}, true);
