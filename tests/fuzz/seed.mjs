// Writes the seeds of the fuzz targets: parts of the golden traces, and cases written by hand that
// no trace has.
//   node tests/fuzz/seed.mjs
// Each seed is a file named by its content, so that seeds from other sources can be in the same
// folder.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const traces = join(here, "../golden");
const longest = 2_000; // bytes of a seed; longer ones teach a fuzzer little and cost much time
const most = 60; // seeds of a target

const seeds = new Map();
function plant(target, bytes) {
  const seed = Buffer.from(bytes);
  if (seed.length === 0 || seed.length > longest) return;
  if (!seeds.has(target)) seeds.set(target, new Map());
  seeds.get(target).set(createHash("sha1").update(seed).digest("hex").slice(0, 16), seed);
}

// Texts that differ only in letters and numbers teach the fuzzer the same.
const shapes = new Set();
function plantShape(target, text) {
  const shape = target + text.replace(/[A-Za-z]+/g, "a").replace(/[0-9]+/g, "1");
  if (shapes.has(shape)) return;
  shapes.add(shape);
  plant(target, text);
}

function bytesOf(json) {
  const value = JSON.parse(json);
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.base64, "base64");
}

function plantPacket(bytes) {
  const text = bytes.toString();
  if (!bytes.equals(Buffer.from(text))) return plant("engineio", bytes);
  plantShape("engineio", text);
  if (text.startsWith("b")) return plantShape("base64", text.slice(1));
  if (!text.startsWith("4")) return;
  const packet = text.slice(1);
  plantShape("socketio", packet);
  const json = /^[0-9]+-?(?:\/[^,]*,)?[0-9]*([[{].*)$/s.exec(packet)?.[1];
  if (json === undefined) return;
  plantShape("json", json);
  const request = /^\["[^"]*",(.*)\]$/s.exec(json)?.[1];
  if (request !== undefined) plantShape("jam_request", request);
}

function frame(opcode, payload, { isFinal = true, mask = [1, 2, 3, 4] } = {}) {
  const data = Buffer.from(payload);
  const length =
    data.length < 126 ? [data.length | 0x80] : [254, data.length >> 8, data.length & 0xff];
  return Buffer.concat([
    Buffer.from([(isFinal ? 0x80 : 0) | opcode, ...length, ...mask]),
    data.map((byte, i) => byte ^ mask[i % 4]),
  ]);
}

function plantTrace(name) {
  const lines = readFileSync(join(traces, name), "utf8").split("\n");
  const inputs = lines.filter((line, i) => i === 0 || / > /.test(line));
  plant("trace", inputs.slice(0, 8).join("\n"));
  const sent = [];
  for (const line of inputs) {
    const [, kind, , argument] = /^\d+ > (\S+) ?(\d*) ?(.*)$/.exec(line) ?? [];
    if (argument === undefined || argument === "") continue;
    if (kind === "text" || kind === "binary") {
      const bytes = bytesOf(argument);
      plantPacket(bytes);
      sent.push(frame(kind === "text" ? 1 : 2, bytes));
    } else if (kind === "body") {
      const bytes = bytesOf(argument);
      plantShape("engineio", bytes.toString());
      for (const part of bytes.toString().split("\x1e")) plantPacket(Buffer.from(part));
    } else if (kind === "websocket" || kind === "request") {
      const { query, method = "GET", contentType } = JSON.parse(argument);
      if (typeof query !== "string") continue;
      plantShape("query", query);
      const fields = kind === "websocket"
        ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        : `Content-Type: ${contentType}\r\nContent-Length: 3\r\n\r\n41{`;
      plantShape("http_request",
        `\x07${method} /socket.io/?${query} HTTP/1.1\r\nHost: localhost:3001\r\n${fields}\r\n`);
    }
  }
  if (sent.length > 0) plant("websocket", Buffer.concat([Buffer.from([5]), ...sent.slice(0, 6)]));
}

for (const name of readdirSync(traces).sort()) {
  if (name.endsWith(".trace")) plantTrace(name);
}

for (const text of ["grüße", "日本語", "🎺🥁", "\u0000\u007f\u0080", "\ufeff", "\u2028", "e\u0301"]) {
  for (const target of ["utf8", "json", "jam_request", "trace", "http_fields"]) plant(target, text);
}
for (const hex of ["c080", "eda080", "f4908080", "f8", "c3", "e282", "fffe", "61c361"]) {
  for (const target of ["utf8", "http_fields", "trace"]) plant(target, Buffer.from(hex, "hex"));
}
for (const text of ["", "a", "ab", "abc", "AQID", "AQ==", "AQI", "-_", "AR==", "00ff", "0g"]) {
  plant("base64", text);
}
for (const text of ["a=1&b=two%20words", "a+b=%2", "=&&=", "%zz=%00", "a=%e2%82", "a=1&a=2"]) {
  plant("query", text);
}
for (const text of [
  "1e400", "-0.0e-1", "[1,[2,[3,[4]]]]", '{"a":1,"a":2}', '"\\ud83c\\udfba"', '"\\ud800"', " [ ] ",
  '{"\\u0061":{"b":[]}}', "truefalse", "01", "[1,]", '{"":""}', '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
]) {
  plant("json", text);
}
for (const text of [
  '52-["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]',
  '51-["x",{"a":{"_placeholder":true,"num":0,"x":{"_placeholder":true,"num":9}}}]',
  '51-["x",{"_placeholder":true,"num":0,"num":7}]', '2/a,9007199254740991["x"]', "0/a,{}",
  '2[ "x" , 1 ]', '61-1[{"_placeholder":true,"num":0}]',
]) {
  plant("socketio", text);
}
for (const text of ["MUSIC-42", "music 42", "jazz\u201399", "O0IL1", "m u s i c _ 4.2", "MÜSIC-1"]) {
  plant("jam_request", text);
}
for (const bytes of [
  [3, ...frame(1, "do", { isFinal: false }), ...frame(9, "?"), ...frame(0, "wn")],
  [0, ...frame(8, Buffer.from([3, 0xe8, 0x62, 0x79, 0x65]))],
  [1, ...frame(2, Buffer.alloc(200, 7)), ...frame(10, "")],
  [2, 0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
  [9, 0x81, 0x01, 0x78],
]) {
  plant("websocket", bytes);
}
for (const text of [
  "\x03POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n",
  "\x09GET http://host/a?b#c HTTP/1.1\r\nHost: host\r\nOrigin: null\r\nX-Forwarded-For: 1, 2\r\n\r\n",
  "\x20HEAD / HTTP/1.1\r\nConnection: close\r\n\r\nGET /index.html HTTP/1.1\r\nIf-None-Match: \"a\"\r\n\r\n",
  "\x01POST /y HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nabcdOPTIONS * HTTP/1.1\r\n\r\n",
  "\x05GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
]) {
  plant("http_request", text);
}
for (const text of [
  "/", "/a/b.js", "/a/../../secret", "/%2e%2e/secret", "/a//b.js", "/.hidden", "/link", "/a/",
  "/a%00", "/a\\..\\secret", "https://jam.example\njam.example", "http://localhost:5173\nhost:3001",
  "http://127.0.0.1\nx", "http://[::1]:80\n[::1]:80", "null\nhost", "https://jam.example.evil\nx",
  "http://localhost.evil\nx", 'W/"1-2", "3"\n"3"', "*\n*", "keep-alive, Upgrade\nx",
  "dGhlIHNhbXBsZSBub25jZQ==\nx", "name\x1b[31m\nroom=B",
]) {
  plant("http_fields", text);
}
// A byte for each decision. Any values will do if they are many, and the same in every run.
for (let i = 0; i < 24; ++i) {
  for (const target of ["world", "machine"]) {
    const blocks = [];
    for (let j = 0; j < 4 + 2 * i; ++j) {
      blocks.push(createHash("sha256").update(`${target} ${i} ${j}`).digest());
    }
    plant(target, Buffer.concat(blocks));
  }
}

for (const [target, all] of seeds) {
  const folder = join(here, "corpus", target);
  mkdirSync(folder, { recursive: true });
  // Evenly from short to long, so that all lengths occur.
  const ordered = [...all].sort((a, b) => a[1].length - b[1].length);
  const step = Math.max(1, ordered.length / most);
  for (let i = 0; i < ordered.length; i += step) {
    const [name, seed] = ordered[Math.floor(i)];
    writeFileSync(join(folder, name), seed);
  }
}
