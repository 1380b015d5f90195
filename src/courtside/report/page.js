// Some browsers play no data: URI; the same bytes as a blob do play there.
for (const video of document.querySelectorAll("video")) {
  video.addEventListener("error", () => {
    const [kind, text] = video.src.split(",", 2);
    if (!kind.startsWith("data:")) return;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  });
}
// The contents show which section is being read.
const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const seen = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
  const current = [...links.keys()].find((id) => seen.has(id));
  for (const [id, link] of links) id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}, { rootMargin: "-10% 0px -60% 0px" });
for (const id of links.keys()) observer.observe(document.getElementById(id));
// Paper shows what is folded away on a screen.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));
