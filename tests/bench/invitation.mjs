#!/usr/bin/env node
// How long a newcomer waits: from the click on an invitation to the first note, which a key plays that is struck as soon
// as there is one to see. Chromium is slowed down, as phones are.
//
//   tests/bench/invitation.mjs               prints medians in milliseconds; wants two cores with nothing else to do
//   tests/bench/invitation.mjs --smoke       does it all work? measures nothing
//   tests/bench/invitation.mjs --help        the options

import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { startServer } from "../page/support/server.mjs";
import { chromiumOptions } from "../support/chromium.mjs";

const help = `Measures the way from an invitation to the first note.

Usage: tests/bench/invitation.mjs [OPTIONS]

  --runs N          newcomers for each slowdown (7)
  --slowdowns A,B   how many times slower Chromium runs than it could (1,4)
  --pages A,B       folders with built pages, which take turns (build/web-demo)
  --smoke           one newcomer at full speed

Columns, in milliseconds from the click: painted, the page shows something; sounds, the first note
sounds at the newcomer's; joined, the newcomer's page shows the session; heard, the first note has reached
the page of the host. DOWNBEAT_BIN names a server that is built already.
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h", default: false },
    smoke: { type: "boolean", default: false },
    runs: { type: "string", default: "7" },
    slowdowns: { type: "string", default: "1,4" },
    pages: { type: "string", default: "" },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const runs = values.smoke ? 1 : Number(values.runs);
const slowdowns = values.smoke ? [1] : values.slowdowns.split(",").map(Number);
if (![runs, ...slowdowns].every((one) => one >= 1)) throw new Error("--runs and --slowdowns take numbers from 1 on");
const pages = values.pages.split(",");
const phone = { viewport: { width: 390, height: 844 }, serviceWorkers: "block", reducedMotion: "reduce" };
const patience_ms = 60_000;
const milestones = ["painted", "sounds", "joined", "heard"];
const key = "E4";

const inTestsOfThePage = createRequire(new URL("../page/package.json", import.meta.url));
const { chromium } = inTestsOfThePage("playwright-core");

/** Notes in the page when what we wait for has happened, on the clock of all pages. */
function watch() {
  const times = {};
  window.times = times;
  const now = () => performance.timeOrigin + performance.now();
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    times.sounds ??= now();
    return start.apply(this, given);
  };
  new MutationObserver(() => {
    if (document.querySelector(".stage .code")) times.joined ??= now();
    const isHeard = [...document.querySelectorAll(".last-note")].some((one) => one.textContent.startsWith("E4"));
    if (isHeard) times.heard ??= now();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

/** A page of a server, with somebody in a session who invites. */
async function hostOf(browser, folder) {
  const server = await startServer({ options: ["--no-limits"], page: folder || undefined });
  const context = await browser.newContext(phone);
  await context.addInitScript(watch);
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole("button", { name: "Create a session" }).click();
  const code = /\w+-\w+/.exec(await page.locator(".code").innerText())[0];
  const { x, y, width, height } = await page.getByRole("button", { name: key, exact: true }).boundingBox();
  return { folder, server, page, invitation: `${server.url}j/${code}?from=Mia`, keyAt: [x + width / 2, y + height * 0.8] };
}

/** One newcomer: strikes a key at the first paint, and holds it until the session is there. */
async function newcomer(browser, host, slowdown) {
  await host.page.evaluate(() => delete window.times.heard);
  const context = await browser.newContext(phone);
  await context.addInitScript(watch);
  const page = await context.newPage();
  const debug = await context.newCDPSession(page);
  await debug.send("Page.enable");
  await debug.send("Page.setLifecycleEventsEnabled", { enabled: true });
  await debug.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  const painted = new Promise((resolve) =>
    debug.on("Page.lifecycleEvent", ({ name }) => name === "firstContentfulPaint" && resolve()),
  );
  const loaded = page.goto(host.invitation);
  await painted;
  const [x, y] = host.keyAt;
  const press = { type: "mousePressed", x, y, button: "left", buttons: 1, clickCount: 1 };
  // Not by way of Playwright, which would move the mouse first, and wait for that.
  await Promise.all([debug.send("Input.dispatchMouseEvent", press), loaded]);
  await page.waitForFunction(() => window.times.joined, undefined, { timeout: patience_ms });
  await debug.send("Input.dispatchMouseEvent", { ...press, type: "mouseReleased", buttons: 0 });
  await host.page.waitForFunction(() => window.times.heard, undefined, { timeout: patience_ms });
  const found = await page.evaluate(() => ({
    began: performance.timeOrigin,
    painted: performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime,
    ...window.times,
  }));
  found.heard = await host.page.evaluate(() => window.times.heard);
  await page.getByRole("button", { name: "Leave" }).click();
  await host.page.waitForFunction(() => document.querySelectorAll(".participants li").length === 1);
  await context.close();
  return Object.fromEntries(milestones.map((name) => [name, Math.round(found[name] - found.began)]));
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const browser = await chromium.launch(chromiumOptions);
const hosts = [];
try {
  for (const folder of pages) hosts.push(await hostOf(browser, folder));
  const results = [];
  for (const slowdown of slowdowns) {
    const found = hosts.map(() => []);
    for (let run = 0; run < runs; ++run)
      for (const [at, host] of hosts.entries()) found[at].push(await newcomer(browser, host, slowdown));
    for (const [at, { folder }] of hosts.entries()) {
      const medians = milestones.map((name) => [name, median(found[at].map((one) => one[name]))]);
      results.push({ ...(folder && { page: folder }), slowdown, runs, ...Object.fromEntries(medians) });
    }
  }
  console.log(JSON.stringify(results, null, 2));
} finally {
  await browser.close();
  for (const { server } of hosts) await server.stop();
}
