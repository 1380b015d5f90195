// One task of the review page. Gradio runs this for each task with its element, its settings and the way to the program.
const { mode, labels, dropped } = props.setup;
const ofBoxes = mode === "boxes" || mode === "doubted_boxes";
const pick = (name) => element.querySelector(name);
const [stage, canvas, veil, message] = [".stage", "canvas", ".veil", ".message"].map(pick);
const brush = canvas.getContext("2d");
const COLOURS = ["#ff7a1a", "#38a6ff", "#4cc26a", "#c58bff", "#ffd23f", "#ff6f9c", "#45d6c8", "#b5b9c0"];
const HANDLE = 9; // pixels of the screen within which a corner is caught
const words = (name) => name.replaceAll("_", " ");
const colour = (label) => COLOURS[Math.max(labels.indexOf(label), 0) % COLOURS.length];

let view = null; // what the program says
let boxes = [];
let selected = null;
let nextLabel = labels[0];
let busy = false;
let ended = false;
let image = null;
let zoom = { scale: 1, x: 0, y: 0 };
let drag = null;

// ---- the program -------------------------------------------------------------------------------------------------

const pictures = new Map();
function picture(key) {
  const name = key.join("/");
  if (!pictures.has(name)) {
    pictures.set(name, server.picture({ key }).then(async ({ src }) => {
      if (!src) throw new Error("no picture");
      const loaded = new Image();
      loaded.src = src;
      await loaded.decode();
      return loaded;
    }));
    pictures.get(name).catch(() => pictures.delete(name));
    if (pictures.size > 12) pictures.delete(pictures.keys().next().value);
  }
  return pictures.get(name);
}

async function send(action, more = {}) {
  if (busy || ended) return;
  busy = true;
  stage.setAttribute("aria-busy", "true");
  try {
    const answer = await server.act({ mode, action, key: view && view.key, ...more });
    if (answer.results) return end(answer.results);
    await show(answer);
  } catch (error) {
    console.warn(error);
    message.textContent = "The program does not answer; start `courtside review` again. What you decided is kept.";
  } finally {
    busy = false;
    stage.setAttribute("aria-busy", "false");
  }
}

async function show(answer) {
  const same = view && view.key && answer.key && view.key.join("/") === answer.key.join("/");
  view = answer;
  boxes = answer.boxes;
  if (!same) {
    selected = answer.selected;
    zoom = { scale: 1, x: 0, y: 0 };
  }
  if (selected !== null && selected >= boxes.length) selected = null;
  message.textContent = answer.key ? answer.error || "" : "";
  if (answer.key) {
    try {
      image = await picture(answer.key);
      veil.hidden = true;
    } catch {
      image = null;
      veil.hidden = false;
      veil.textContent = "This picture cannot be shown; load the page again.";
    }
    answer.ahead.slice(0, 2).forEach((key) => picture(key).catch(() => {}));
  } else {
    image = null;
    veil.hidden = false;
    veil.textContent = answer.error || (answer.done ? "All done. Press q to end." : "Nothing to look at here.");
  }
  write();
  draw();
}

function end(results) {
  ended = true;
  const sheet = document.createElement("div");
  sheet.className = "review-end";
  sheet.setAttribute("role", "status");
  const inner = sheet.appendChild(document.createElement("div"));
  inner.appendChild(document.createElement("h2")).textContent = "Review ended";
  const list = inner.appendChild(document.createElement("ul"));
  for (const line of results.length ? results : ["nothing was decided"])
    list.appendChild(document.createElement("li")).textContent = line;
  inner.appendChild(document.createElement("p")).textContent =
    "You can close this page. `courtside review` goes on where you stopped.";
  document.body.appendChild(sheet);
}

// ---- what a person can do ----------------------------------------------------------------------------------------

const undo = ["u", "Undo", () => send("undo")];
const quit = ["q", "Quit", () => send("quit"), "quiet"];
const decide = (label) => () => view && view.key && send("decide", { label });
const digits = (action) => labels.map((label, place) => [place < 9 ? String(place + 1) : "", words(label), action(label)]);
const edit = () => send("edit", { boxes });
const accept = () => view && view.key && send("accept", { boxes });
const needBox = (action) => () => {
  if (busy || !view || !view.key) return;
  if (selected === null) message.textContent = "Select a box first: click it, or press → .";
  else action(boxes[selected]);
};
const reject = needBox((box) => { box.rejected = !box.rejected; edit(); });
const remove = needBox(() => { boxes.splice(selected, 1); selected = null; edit(); });
const select = (step) => () => {
  if (!boxes.length) return;
  selected = selected === null ? (step > 0 ? 0 : boxes.length - 1) : (selected + step + boxes.length) % boxes.length;
  write(); draw();
};
const magnify = () => {
  const box = selected === null ? null : boxes[selected];
  const [x, y] = box ? [(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2] : view ? view.size.map((side) => side / 2) : [0, 0];
  setZoom(zoom.scale > 1 ? 1 : 4, x, y, true);
};
const relabel = (label) => () => {
  if (busy || !view || !view.key) return;
  nextLabel = label;
  if (selected === null) return write();
  boxes[selected].label = label;
  boxes[selected].rejected = false;
  mode === "boxes" ? edit() : accept();
};

let keys;
if (mode === "sort")
  keys = labels.length === 2 && labels.includes("ball") && labels.includes("no_ball")
    ? [["y", "Ball", decide("ball"), "main"], ["n", "No ball", decide("no_ball")], ["d", "Drop", decide(dropped)], undo, quit]
    : [...digits(decide), ["d", "Drop", decide(dropped)], undo, quit];
else if (mode === "doubted_frames")
  keys = [["k", "Keep", () => view && view.key && send("decide", { label: view.label }), "main"], ...digits(decide),
    ["d", "Drop", decide(dropped)], undo, quit];
else if (mode === "boxes")
  keys = [["a", "Accept frame", accept, "main"], ["r", "Reject box", reject], ["x", "Delete box", remove],
    ["n", "Next", () => view && view.key && send("pass")], ["z", "Zoom", magnify], undo, quit];
else
  keys = [["k", "Keep", accept, "main"], ["d", "Drop box", needBox((box) => { box.rejected = true; accept(); })],
    ["r", "Reject box", reject], ["n", "Next", () => view && view.key && send("pass")], ["z", "Zoom", magnify], undo, quit];
const hidden = ofBoxes ? [["ArrowRight", "", select(1)], ["ArrowLeft", "", select(-1)], ["Delete", "", remove],
  ["Escape", "", () => { selected = null; drag = null; write(); draw(); }], ...digits(relabel)] : [];
const byKey = new Map([...hidden, ...keys].map(([key, , action]) => [key, action]));

function onKey(event) {
  if (!element.isConnected) return document.removeEventListener("keydown", onKey);
  if (element.offsetParent === null || ended || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  // What is being drawn belongs to this frame.
  if (drag && event.key !== "Escape") return;
  // Arrows on the tabs move between them.
  if (event.key.startsWith("Arrow") && event.target.closest("[role=tab]")) return;
  const action = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!action) return;
  event.preventDefault();
  if (!event.repeat) action();
}
document.addEventListener("keydown", onKey);

function button(text, action, { key = "", name = "" } = {}) {
  const made = document.createElement("button");
  made.type = "button";
  if (name) made.className = name;
  if (key) {
    made.appendChild(document.createElement("kbd")).textContent = key;
    made.dataset.key = key;
  }
  made.appendChild(document.createElement("span")).textContent = text;
  made.addEventListener("click", action);
  return made;
}

// ---- what a person sees ------------------------------------------------------------------------------------------

function write() {
  const whole = view.done + view.left + view.passed;
  pick(".done").textContent = view.done.toLocaleString("en");
  pick(".left").textContent = (view.left + view.passed).toLocaleString("en");
  pick(".track i").style.width = whole ? `${(100 * view.done) / whole}%` : 0;
  pick(".counts").replaceChildren(...Object.entries(view.counts)
    .filter(([label, count]) => label !== dropped || count)
    .sort(([one], [other]) => (other === "ball") - (one === "ball"))
    .map(([label, count]) => {
      const part = document.createElement("span");
      part.append(`${words(label)} `);
      part.appendChild(document.createElement("b")).textContent = count.toLocaleString("en");
      return part;
    }));
  pick(".frame").textContent = view.key ? `${view.key[0]}, frame ${view.key[1].toLocaleString("en")}` : "";
  pick(".about").textContent = view.about;
  pick(".file").textContent = view.file ? `Answers go to ${view.file}` : "";
  if (!ofBoxes) return;
  pick(".labels").replaceChildren(...labels.map((label, place) => {
    const chip = button(words(label), () => { nextLabel = label; mode === "boxes" ? relabel(label)() : write(); }, { key: place < 9 ? String(place + 1) : "" });
    chip.setAttribute("role", "radio");
    chip.setAttribute("aria-checked", String(label === nextLabel));
    chip.appendChild(document.createElement("i")).style.setProperty("--colour", colour(label));
    return chip;
  }));
  pick("ol.boxes").replaceChildren(...boxes.map((box, place) => {
    const row = document.createElement("li");
    row.className = `${place === selected ? "selected" : ""} ${box.rejected ? "rejected" : ""}`;
    const choose = row.appendChild(button(words(box.label), () => { selected = place; write(); draw(); }));
    const mark = document.createElement("i");
    mark.style.setProperty("--colour", colour(box.label));
    choose.prepend(mark);
    choose.appendChild(document.createElement("small")).textContent = box.score === null ? "drawn" : box.score.toFixed(2);
    row.appendChild(button(box.rejected ? "take" : "reject", () => { if (busy) return; selected = place; reject(); }));
    return row;
  }));
  const list = pick("ol.boxes"), row = list.querySelector(".selected");
  if (row) list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 2; // never the page
}

function draw() {
  const [width, height] = view && view.key ? view.size : [16, 9];
  const ratio = window.devicePixelRatio || 1;
  const wide = canvas.parentElement.clientWidth;
  if (!wide) return;
  // The buttons stay in the window.
  const limit = Math.max(220, innerHeight - (innerWidth > 760 ? 330 : 360));
  const shown = Math.min(wide, (limit * width) / height);
  canvas.style.width = `${shown}px`;
  canvas.style.height = `${(shown * height) / width}px`;
  canvas.style.margin = "0 auto";
  canvas.width = Math.round(shown * ratio);
  canvas.height = Math.round(((shown * height) / width) * ratio);
  if (!image) return;
  const scale = (canvas.width / width) * zoom.scale;
  brush.setTransform(scale, 0, 0, scale, -zoom.x * scale, -zoom.y * scale);
  brush.imageSmoothingEnabled = scale < 3 * ratio;
  brush.drawImage(image, 0, 0, width, height);
  if (!ofBoxes) return;
  const pixel = ratio / scale;
  boxes.forEach((box, place) => place === selected || drawBox(box, false, pixel));
  if (selected !== null) drawBox(boxes[selected], true, pixel);
  if (drag && drag.box) drawBox(drag.box, true, pixel);
}

function drawBox(box, isSelected, pixel) {
  const corners = [box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1];
  if (isSelected) {
    brush.fillStyle = "rgba(255, 255, 255, .22)";
    brush.fillRect(...corners);
  }
  brush.setLineDash(box.rejected ? [6 * pixel, 5 * pixel] : []);
  brush.globalAlpha = box.rejected ? 0.6 : 1;
  brush.lineWidth = (isSelected ? 5 : 4) * pixel;
  brush.strokeStyle = "rgba(0, 0, 0, .55)";
  brush.strokeRect(...corners);
  brush.lineWidth = (isSelected ? 3 : 1.8) * pixel;
  brush.strokeStyle = box.rejected ? "#d5d8dc" : colour(box.label);
  brush.strokeRect(...corners);
  brush.setLineDash([]);
  if (isSelected) {
    brush.fillStyle = "#fff";
    for (const x of [box.x1, box.x2]) for (const y of [box.y1, box.y2])
      brush.fillRect(x - 3 * pixel, y - 3 * pixel, 6 * pixel, 6 * pixel);
    const text = words(box.label) + (box.score === null || box.score === undefined ? "" : ` ${box.score.toFixed(2)}`);
    brush.font = `${13 * pixel}px system-ui, sans-serif`;
    const wide = brush.measureText(text).width + 10 * pixel;
    const left = Math.min(Math.max(box.x1, zoom.x), zoom.x + view.size[0] / zoom.scale - wide);
    const above = box.y1 - 22 * pixel >= zoom.y ? box.y1 - 22 * pixel : box.y2 + 4 * pixel;
    brush.fillStyle = "rgba(0, 0, 0, .75)";
    brush.fillRect(left, above, wide, 18 * pixel);
    brush.fillStyle = "#fff";
    brush.fillText(text, left + 5 * pixel, above + 13 * pixel);
  }
  brush.globalAlpha = 1;
}

// ---- the mouse ---------------------------------------------------------------------------------------------------

function setZoom(scale, x, y, centre = false) {
  if (!view || !view.key) return;
  const [width, height] = view.size;
  const next = Math.min(Math.max(scale, 1), 12);
  const [left, top] = centre
    ? [x - width / next / 2, y - height / next / 2]
    : [x - ((x - zoom.x) * zoom.scale) / next, y - ((y - zoom.y) * zoom.scale) / next];
  zoom = {
    scale: next,
    x: Math.min(Math.max(left, 0), width - width / next),
    y: Math.min(Math.max(top, 0), height - height / next),
  };
  draw();
}

function place(event) {
  const frame = canvas.getBoundingClientRect();
  const perPixel = view.size[0] / frame.width / zoom.scale;
  const [width, height] = view.size;
  return {
    x: Math.min(Math.max((event.clientX - frame.left) * perPixel + zoom.x, 0), width),
    y: Math.min(Math.max((event.clientY - frame.top) * perPixel + zoom.y, 0), height),
    perPixel,
  };
}

function caughtCorner({ x, y, perPixel }) {
  if (selected === null) return null;
  const box = boxes[selected];
  for (const [far, near] of [["x1", "x2"], ["x2", "x1"]]) for (const [below, above] of [["y1", "y2"], ["y2", "y1"]])
    if (Math.hypot(box[near] - x, box[above] - y) < HANDLE * perPixel) return { x: box[far], y: box[below], box };
  return null;
}

function onPress(event) {
  if (!view || !view.key || busy || event.button) return;
  canvas.setPointerCapture(event.pointerId);
  const at = place(event);
  const corner = caughtCorner(at);
  drag = corner
    ? { from: corner, resized: selected, old: corner.box }
    : { from: at, resized: null, old: { label: nextLabel, score: null, rejected: false, track: null, visibility: null } };
}

function onMove(event) {
  if (!drag) return;
  const at = place(event);
  const far = Math.max(Math.abs(at.x - drag.from.x), Math.abs(at.y - drag.from.y)) >= 4 * at.perPixel;
  if (far || drag.box)
    drag.box = {
      ...drag.old,
      x1: Math.min(at.x, drag.from.x), x2: Math.max(at.x, drag.from.x),
      y1: Math.min(at.y, drag.from.y), y2: Math.max(at.y, drag.from.y),
    };
  draw();
}

function onRelease() {
  if (!drag) return;
  const { box, resized, from } = drag;
  drag = null;
  if (box && box.x2 > box.x1 && box.y2 > box.y1) {
    if (resized === null) selected = boxes.push(box) - 1;
    else boxes[resized] = box;
    edit();
  } else if (resized === null) {
    const inside = boxes.map((found, number) => ({ ...found, number }))
      .filter((found) => from.x >= found.x1 - 2 && from.x <= found.x2 + 2 && from.y >= found.y1 - 2 && from.y <= found.y2 + 2)
      .sort((one, other) => (one.x2 - one.x1) * (one.y2 - one.y1) - (other.x2 - other.x1) * (other.y2 - other.y1));
    selected = inside.length ? inside[0].number : null;
    write();
  }
  draw();
}

if (ofBoxes) {
  stage.classList.add("boxy");
  canvas.addEventListener("pointerdown", onPress);
  canvas.addEventListener("pointermove", onMove);
  canvas.addEventListener("pointerup", onRelease);
  canvas.addEventListener("pointercancel", () => { drag = null; draw(); });
  canvas.addEventListener("wheel", (event) => {
    if (!view || !view.key) return;
    event.preventDefault();
    const at = place(event);
    setZoom(zoom.scale * Math.exp(-event.deltaY / 400), at.x, at.y);
  }, { passive: false });
  pick(".hint").textContent = mode === "boxes"
    ? "Drag to draw a box, click to select one, drag a corner to change it; digits choose the label, ← → the box, the wheel zooms. Accepting counts the whole frame as looked at."
    : "The box of the lowest score is selected; a digit gives it another label. Your answer counts the whole frame as looked at: draw or reject what else is wrong first.";
} else pick(".side").hidden = true;
pick(".keys").append(...keys.map(([key, text, action, name]) => button(text, action, { key, name })));

// A task that comes into sight asks for its state: another one may have changed it.
let wasSeen = false;
new ResizeObserver(() => {
  const seen = element.offsetParent !== null;
  if (seen && !wasSeen) {
    send("show");
    // Whoever clicked the tab wants the keys here; whoever came by keyboard stays on the tabs.
    const tab = document.activeElement.closest("[role=tab]");
    if (tab && !tab.matches(":focus-visible")) canvas.focus({ preventScroll: true });
  }
  else if (seen && view) draw();
  else if (!seen) stage.setAttribute("aria-busy", "true"); // what it shows may be out of date when it is seen again
  wasSeen = seen;
}).observe(stage);
