// Chromium, and Vite projects for it to visit.
import { spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { chromiumOptions } from '../../support/chromium.mjs';
import { Project } from './project.mjs';

const files = fileURLToPath(new URL('../site', import.meta.url));

/** A browser for one test file. */
export function launchChromium() {
  return chromium.launch(chromiumOptions);
}

/** A fresh Vite project with our page and worker, and bundles of the client next to it. */
export async function makeSite() {
  // The last Vite that Node 18 and its npm can install.
  const project = await Project.create({ 'socket.io-client': '4.8.4', vite: '6.4.1' });
  await project.copy(files);
  const installed = project.path('node_modules');
  await project.copy(`${installed}/downbeat-server`, 'public/downbeat-server');
  await project.copy(`${files}/jam.js`, 'public/jam.js');
  for (const bundle of ['socket.io.min.js', 'socket.io.esm.min.js']) {
    await cp(`${installed}/socket.io-client/dist/${bundle}`, project.path('public', bundle));
  }
  await project.write('public/favicon.ico', ''); // which browsers ask for unasked
  return project;
}

/** Serves a site on the loopback; `build` for its production build, `dev` for Vite's own server. */
export async function serveSite(project, mode) {
  const child = spawn(process.execPath, ['serve.js', mode], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (text) => (output += text));
  process.on('exit', () => child.kill());
  for await (const line of createInterface(child.stdout)) {
    output += `${line}\n`;
    const url = line.match(/^listening on (\S+)$/)?.[1];
    if (!url) continue;
    // If a test's file ends without stopping it, it must not keep this process alive.
    for (const handle of [child, child.stdout, child.stderr]) handle.unref();
    return { url, stop: () => child.kill() };
  }
  throw new Error(`Vite has ended:\n${output}`);
}

/**
 * Opens a page and waits until it is ready. Collects what goes wrong in it, and its requests. Tabs of
 * one context share what is stored.
 */
export async function visit(browser, url, given) {
  const context = given ?? (await browser.newContext());
  const page = await context.newPage();
  const visit = { context, page, troubles: [], requests: [] };
  page.on('pageerror', (error) => visit.troubles.push(error.stack));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) visit.troubles.push(message.text());
  });
  context.on('request', (request) => visit.requests.push(request.url()));
  page.on('websocket', (socket) => visit.requests.push(socket.url()));
  await page.goto(url);
  await untilReady(visit);
  return visit;
}

/** Waits until a page is ready, which it is again after a reload. */
export async function untilReady(visit) {
  try {
    await visit.page.waitForFunction(() => document.title === 'ready', null, { timeout: 60_000 });
  } catch (error) {
    error.message += `\n${visit.troubles.join('\n')}`;
    throw error;
  }
}

/** Refuses all network requests of a page from now on, and restarts their count. */
export async function unplugNetwork({ context, requests }) {
  await context.route('**', (route) => route.abort());
  await context.setOffline(true);
  requests.length = 0;
}
