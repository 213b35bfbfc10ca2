// The simulator's page. Values become text nodes and attributes only, never markup, so that hostile names stay inert.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const STATES = {
  ACTIVATION: "good", DEACTIVATION: "warn", ARREARS: "bad", INIT: "warn", RUNNING: "good", INTERNAL_ERROR: "bad",
};
const byId = (id) => document.getElementById(id);

// ---- building and patching the document

function node(namespace, name, attributes, children) {
  const made = namespace ? document.createElementNS(namespace, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const el = (name, attributes, ...children) => node(null, name, attributes, children);
const svg = (name, attributes, ...children) => node(SVG, name, attributes, children);

// Makes `old` like `fresh` and keeps what is equal, so that focus, scroll and a click under way survive an update.
function patch(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const [had, wanted] = [[...old.childNodes], [...fresh.childNodes]];
  wanted.forEach((child, index) => (had[index] ? patch(had[index], child) : old.append(child)));
  had.slice(wanted.length).forEach((child) => child.remove());
}

function fill(id, ...children) {
  const target = byId(id);
  const fresh = target.cloneNode(false);
  fresh.append(...children.flat(9).filter(Boolean));
  patch(target, fresh);
}

const badge = (text, tone) => el("span", { class: `badge ${tone || STATES[text] || ""}` }, text);
const mono = (text) => el("code", {}, text);
const button = (text, action, data, tone) => {
  const named = Object.entries(data).map(([key, value]) => [`data-${key}`, value]);
  return el("button", { type: "button", class: `small ${tone || ""}`, "data-action": action, ...Object.fromEntries(named) }, text);
};
const time = (text) => (text || "").replace("T", " ").replace(/(\.\d+)?Z?$/, "");
const length = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
const clockTime = (text) => time(text).slice(11);

function table(title, heads, rows, empty, more) {
  const head = el("div", { class: "head" }, el("h2", {}, title), more && el("span", { class: "quiet" }, more));
  if (!rows.length) return el("section", { class: "card" }, head, el("p", { class: "empty" }, empty));
  const names = el("thead", {}, el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name))));
  const body = el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, cell)))));
  return el("section", { class: "card" }, head, el("div", { class: "scroll", tabindex: "0" }, el("table", {}, names, body)));
}

// ---- what is shown

function paneOf(pane, colour, width, height) {
  const [x, y, w, h] = [pane.x * width, pane.y * height, pane.width * width, pane.height * height];
  const name = pane.user_id || (pane.video_type === "SCREENSTREAM" ? "shared screen" : "nobody");
  const what = pane.video_type === "SCREENSTREAM" ? `${name} ▭` : name;
  const size = Math.max(Math.min(h / 4, w / 8, height / 14), 1);
  const most = Math.max(Math.floor(w / (size * 0.6)) - 1, 1);
  const shown = what.length > most ? `${what.slice(0, most)}…` : what;
  const kind = pane.live ? `c${colour % 8}` : "absent";
  return svg("g", {},
    svg("title", {}, pane.live ? what : `${what} (no stream)`),
    svg("rect", { class: `pane ${kind}`, x, y, width: w, height: h, "stroke-width": height / 360 }),
    svg("text", { class: "pane-name", x: x + w / 2, y: y + h / 2, "font-size": size }, shown));
}

function picture(drawn) {
  if (!drawn || !drawn.width) return drawn && drawn.note && el("p", { class: "note" }, drawn.note);
  const size = { viewBox: `0 0 ${drawn.width} ${drawn.height}`, role: "img", "aria-label": "Layout of the picture" };
  const empty = drawn.panes.length ? null : svg("text",
    { class: "pane-name", x: drawn.width / 2, y: drawn.height / 2, "font-size": drawn.height / 14 }, "nobody sends a picture");
  const users = [...new Set(drawn.panes.map((pane) => pane.user_id))];
  return [
    svg("svg", size, drawn.panes.map((pane) => paneOf(pane, users.indexOf(pane.user_id), drawn.width, drawn.height)), empty),
    el("p", { class: "note" }, `${drawn.width}×${drawn.height}${drawn.note ? ` · ${drawn.note}` : ""}`),
  ];
}

function job(each) {
  const over = each.state === "STOPPED";
  const mixed = each.kind === "mix_job";
  return el("article", { class: over ? "job over" : "job" },
    el("div", { class: "head" },
      el("strong", {}, mixed ? "Mixed stream" : "Single stream"), badge(each.state),
      each.stop_reason && badge(each.stop_reason, STATES[each.stop_reason]),
      !over && el("span", { class: "end" }, button("Stop", "stop", { job: each.job_id }), " ",
        button("Fail", "fail", { job: each.job_id }, "danger"))),
    el("p", { class: "where" }, "room ", el("strong", {}, each.room_id), each.user_id ? `, user ${each.user_id}` : null,
      each.record_param ? null : ", not recorded", over ? ` · ended ${clockTime(each.stop_time)}` : null),
    picture(each.picture),
    each.description ? el("p", { class: "note" }, each.description) : null,
    el("p", { class: "quiet" }, mono(each.stream_name)));
}

function user(app, room, each) {
  const sends = ["camera", "audio", "screen"].filter((what) => each[what]).join(", ") || "nothing";
  return el("li", { class: "user", title: `${each.role}, sends ${sends}` },
    el("span", { class: "name" }, each.user_id),
    el("span", { class: "quiet" }, each.role === "joiner" ? "" : each.role, each.camera ? " ◉" : "", each.audio ? " ♪" : "", each.screen ? " ▭" : ""),
    button("Leave", "leave", { app: app.app_id, room: room.room_id, user: each.user_id }));
}

function room(app, each) {
  const users = each.users || [];
  return el("div", { class: "room" },
    el("div", { class: "head" }, el("strong", {}, each.room_id), el("span", { class: "quiet" }, `${users.length} ${users.length === 1 ? "user" : "users"}`)),
    el("ul", { class: "users" }, users.map((member) => user(app, each, member))));
}

function facts(app) {
  const rules = app.record_rules.map((rule) => el("li", {}, `Rule: ${rule.record_formats.join(", ")} to `,
    mono(`${rule.obs_addr.bucket}/${rule.obs_addr.object || ""}`), ` (${rule.obs_addr.location})`));
  const callback = app.record_callback
    ? el("li", {}, "Callback: ", mono(app.record_callback.url), app.record_callback.auth_key ? " (signed)" : " (not signed)")
    : el("li", { class: "quiet" }, "No callback");
  const automatic = (app.auto_record_mode || {}).mode === "AUTO_INDIVIDUAL_RECORD";
  return el("ul", { class: "facts" }, rules.length ? rules : el("li", { class: "quiet" }, "No recording rule"), callback,
    automatic ? el("li", {}, "Every user in a new room is recorded automatically") : null);
}

const fileName = (path) => el("code", { title: path }, path.slice(path.lastIndexOf("/") + 1));

function writing(app) {
  const open = app.recordings.flatMap((each) => each.files.map((file) => el("li", {},
    badge(file.interrupted ? "paused" : "recording", file.interrupted ? "warn" : "good"), " ", fileName(file.obs_object),
    el("span", { class: "quiet" }, ` ${length(file.seconds)}`))));
  const finished = app.files.map((each) => el("li", {}, fileName(each.name), el("span", { class: "quiet" }, ` ${length(each.seconds)}`)));
  if (!open.length && !finished.length) return null;
  return [
    el("h3", {}, "Files"), el("ul", { class: "facts" }, open),
    finished.length ? el("details", {}, el("summary", {}, `In the bucket (${finished.length})`), el("ul", { class: "facts" }, finished)) : null,
  ];
}

function app(each, account) {
  const none = (text) => el("p", { class: "empty" }, text);
  return el("article", { class: "card" },
    el("div", { class: "head" }, el("h2", {}, each.app_name), badge(each.state.state),
      el("span", { class: "quiet end" }, account ? `${account} · ` : "", mono(each.app_id))),
    el("h3", {}, "Settings"), facts(each),
    el("h3", {}, "Rooms"), each.rooms.length ? each.rooms.map((member) => room(each, member)) : none("Nobody has joined a room."),
    el("h3", {}, "Jobs"), each.jobs.length ? el("div", { class: "jobs" }, each.jobs.map(job)) : none("No recording jobs."),
    writing(each));
}

function outcome(each) {
  const last = each.attempts[each.attempts.length - 1];
  const tone = each.state === "delivered" ? "good" : each.state === "pending" ? "warn" : "bad";
  const said = !last || each.state === "delivered" ? null : last.error || `answered ${last.status}`;
  const tried = each.attempts.length > 1 ? `${each.attempts.length} attempts` : null;
  const note = [said, tried].filter(Boolean).join(", ");
  return [badge(each.state, tone), note ? el("div", { class: "quiet" }, note) : null];
}

function status(code) {
  const tone = code >= 500 ? "bad" : code >= 400 ? "warn" : code >= 200 && code < 300 ? "good" : "";
  return badge(code ? String(code) : "–", tone);
}

function show(view) {
  byId("now").textContent = `${time(view.clock.now)} UTC`;
  byId("clock-mode").textContent = view.clock.virtual ? "virtual clock" : "real clock";
  byId("advance").hidden = !view.clock.virtual;

  const several = view.accounts.length > 1;
  const apps = view.accounts.flatMap((account) => account.apps.map((each) => [each, several ? account.name : ""]));
  const choices = apps.map(([each, account]) => el("option", { value: each.app_id }, account ? `${each.app_name} (${account})` : each.app_name));
  patch(byId("join").elements.app, el("select", { name: "app", required: "" }, choices));
  const rooms = apps.flatMap(([each]) => [...each.rooms, ...each.jobs].map((other) => other.room_id));
  fill("rooms", [...new Set(rooms)].map((id) => el("option", { value: id })));

  const hidden = view.accounts.reduce((sum, account) => sum + account.app_count, 0) - apps.length;
  fill("apps",
    apps.length ? apps.map(([each, account]) => app(each, account))
      : el("p", { class: "card empty" }, "No apps yet: apply a manifest, or create one through the API."),
    hidden > 0 ? el("p", { class: "quiet" }, `${hidden} older apps are not shown.`) : null);
  fill("deliveries", table("Callbacks", ["Time", "Event", "Outcome"], view.deliveries.map((each) => [
    clockTime(each.time),
    [each.event.event_type, el("br"), el("span", { class: "quiet" }, `room ${each.event.room_id} → `), mono(each.url)],
    outcome(each),
  ]), "No event has been reported."));
  fill("requests", table("Requests", ["Time", "Status", "Call"], view.requests.map((each) => [
    clockTime(each.time), status(each.status),
    [each.operation || el("span", { class: "quiet" }, "no such API"), el("br"), mono(`${each.method} ${each.path}`)],
  ]), "Nobody has called the API.", view.requests.length > 99 ? "the latest 100" : ""));
}

// ---- what is done

function tell(text) {
  byId("message").textContent = text;
  byId("message").hidden = !text;
}

async function post(path, body) {
  try {
    const answer = await fetch(`/_simulator/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}),
    });
    const data = answer.status === 204 ? {} : await answer.json();
    tell(answer.ok ? "" : data.error || `the simulator answered ${answer.status}`);
    return answer.ok;
  } catch {
    tell("the simulator does not answer");
    return false;
  }
}

const part = encodeURIComponent;
const actions = {
  advance: (data) => post("clock", { advance: Number(data.seconds) }),
  stop: (data) => post(`jobs/${part(data.job)}/stop`),
  fail: (data) => post(`jobs/${part(data.job)}/fail`),
  leave: (data) => post(`apps/${part(data.app)}/rooms/${part(data.room)}/leave`, { user_id: data.user }),
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[data-action]");
  if (pressed) actions[pressed.dataset.action](pressed.dataset);
});

byId("join").addEventListener("change", (event) => {
  const form = event.currentTarget.elements;
  for (const what of ["camera", "audio", "screen"]) form[what].disabled = form.role.value === "player";
});

byId("join").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget.elements;
  const body = { user_id: form.user_id.value, role: form.role.value };
  for (const what of ["camera", "audio", "screen"]) body[what] = form[what].checked && !form[what].disabled;
  const joined = await post(`apps/${part(form.app.value)}/rooms/${part(form.room_id.value)}/join`, body);
  if (joined) {
    form.user_id.value = "";
    form.user_id.focus();
  }
});

// ---- staying up to date: at most one reading under way, and one more after it when something happened meanwhile

let reading = false;
let again = false;

async function read() {
  again = reading;
  if (reading) return;
  reading = true;
  try {
    show(await (await fetch("/_simulator/view")).json());
  } catch {
    live("lost", "not connected");
  }
  reading = false;
  if (again) setTimeout(read, 100);
}

function live(state, text) {
  byId("live").dataset.state = state;
  byId("live").textContent = text;
}

const events = new EventSource("/_simulator/events");
events.addEventListener("change", () => { live("live", "live"); read(); });
events.addEventListener("error", () => live("lost", "not connected, trying again"));
