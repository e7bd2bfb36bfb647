// The plot: a small bar chart for each measurement, with its own scale from zero. Its colours are
// legible on white and on black; the background is transparent.

import { valueOf } from "./results.mjs";
import { inUnit, scenarios } from "./scenarios.mjs";
import { servers } from "./servers.mjs";

const ink = "#768390";
const fills = { ours: "#f0803c", peer: "#768390", floor: "none" };

const columns = 2;
const panel = { width: 470, gap: 40, label: 186, value: 78, title: 26, bar: 13, step: 19, below: 22 };
const margin = 12;

const wanted = [
  ["rooms-of-10", "cpu_us", "CPU a delivery: rooms of 10, saturated"],
  ["rooms-of-4", "cpu_us", "CPU a delivery: rooms of 4, saturated"],
  ["bands", "cpu_us", "CPU a delivery: 200 rooms of 4, 20 events/s each"],
  ["bands", "p99_us", "Latency there: 99th percentile"],
  ["connect", "cpu_us", "CPU of a connection"],
  ["cycle", "cpu_us", "CPU of joining and leaving a room"],
  ["life", "cpu_us", "CPU of a room's whole life"],
  ["idle", "connection_bytes", "Memory of an idle connection"],
];

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function text(x, y, content, { anchor = "start", weight = 400, size = 12 } = {}) {
  const style = `text-anchor="${anchor}" font-weight="${weight}" font-size="${size}"`;
  return `<text x="${x}" y="${y}" ${style}>${escape(content)}</text>`;
}

function bar(x, y, width, kind) {
  const outline = kind === "floor" ? ` stroke="${ink}" stroke-dasharray="3 2"` : "";
  const size = `width="${Math.max(width, 1).toFixed(1)}" height="${panel.bar}"`;
  return `<rect x="${x}" y="${y}" ${size} fill="${fills[kind]}"${outline}/>`;
}

function chart({ title, row, bars }, left, top) {
  const room = panel.width - panel.label - panel.value;
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const lines = bars.flatMap(({ server, value }, i) => {
    const y = top + panel.title + i * panel.step;
    const width = (Math.max(value, 0) / most) * room;
    const weight = server.kind === "ours" ? 700 : 400;
    return [
      text(left + panel.label - 8, y + 11, server.label, { anchor: "end", weight }),
      bar(left + panel.label, y, width, server.kind),
      text(left + panel.label + width + 6, y + 11, inUnit(value, row), { weight }),
    ];
  });
  return [text(left, top + 12, title, { weight: 700, size: 13 }), ...lines].join("\n");
}

/** An SVG image of the medians. */
export function plot(results) {
  const charts = wanted.flatMap(([scenario, key, title]) => {
    const row = scenarios.find(({ name }) => name === scenario).rows.find((one) => one.key === key);
    const bars = servers
      .map((server) => ({ server, value: valueOf(results, server.name, scenario, key) }))
      .filter(({ value }) => value !== undefined);
    return bars.length === 0 ? [] : [{ title, row, bars }];
  });
  const most = Math.max(...charts.map(({ bars }) => bars.length), 0);
  const height = panel.title + most * panel.step + panel.below;
  const width = columns * panel.width + (columns - 1) * panel.gap + 2 * margin;
  const total = Math.ceil(charts.length / columns) * height + 2 * margin + 10;
  const drawn = charts.map((one, i) =>
    chart(one, margin + (i % columns) * (panel.width + panel.gap), margin + Math.floor(i / columns) * height),
  );
  const { cpu, node, socketio } = results.machine;
  const rounds = results.rounds === 1 ? "1 round" : `${results.rounds} rounds`;
  const foot = [
    `Shorter is better. Medians of ${rounds}, ${results.made.slice(0, 10)}`,
    `${cpu}, one core for the server`,
    `Socket.IO ${socketio}, Node ${node}.`,
  ].join("; ");
  const box = `width="${width}" height="${total}" viewBox="0 0 ${width} ${total}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} font-family="system-ui, sans-serif" fill="${ink}">
<title>Downbeat beside other Socket.IO servers</title>
${drawn.join("\n")}
${text(margin, total - margin, foot, { size: 11 })}
</svg>
`;
}
