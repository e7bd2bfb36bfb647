// Browser tabs on a page of another origin, with a console to type into.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';

import { chromiumOptions } from '../../support/chromium.mjs';
import { eventually } from './patience.mjs';

const require = createRequire(import.meta.url);
const bundles = join(dirname(require.resolve('socket.io-client/package.json')), 'dist');

const html = '<!doctype html><title>Jam</title><script src="/socket.io.min.js"></script>';

/** Serves a page that has nothing but the stock client. Port 5173 is the story's, if it is free. */
export class PageServer {
  static async start() {
    const server = new PageServer();
    for (const port of [5173, 0]) {
      server.http = http.createServer(answer).listen(port, '127.0.0.1');
      try {
        await once(server.http, 'listening');
        break;
      } catch (error) {
        if (error.code !== 'EADDRINUSE' || port === 0) throw error;
      }
    }
    server.port = server.http.address().port;
    server.url = `http://localhost:${server.port}`;
    return server;
  }

  stop() {
    this.http.close();
    this.http.closeAllConnections();
  }
}

async function answer(request, response) {
  if (request.url === '/') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    return response.end(html);
  }
  if (request.url === '/socket.io.min.js') {
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
    return response.end(await readFile(join(bundles, 'socket.io.min.js')));
  }
  response.statusCode = 404;
  return response.end();
}

/** A browser for one test file. */
export function launchChromium() {
  return chromium.launch(chromiumOptions);
}

/** A tab and its console: runs code there, and returns the printed lines. */
export class Tab {
  #shown = [];

  static async open(browser, url) {
    const tab = new Tab();
    tab.page = await browser.newPage();
    tab.page.on('console', async (message) => {
      // In the order in which it was shown, however long the values take to come over.
      const values = message.args().map((arg) => arg.jsonValue().catch(() => undefined));
      tab.#shown.push(Promise.all(values));
    });
    await tab.page.goto(url);
    return tab;
  }

  /** Types code into the console. */
  async type(code) {
    await this.page.addScriptTag({ content: code });
  }

  /** Waits until the console has shown a line that begins with this label, and returns the rest. */
  async shows(label, limit) {
    const line = await eventually(
      async () => (await Promise.all(this.#shown)).find(([first]) => first === label),
      () => `"${label}" in the console`,
      limit,
    );
    return line[1];
  }

  /** The value of an expression in the page. */
  value(expression) {
    return this.page.evaluate(expression);
  }

  /** Waits until an expression in the page is true. */
  until(expression) {
    return eventually(
      () => this.value(expression),
      () => `${expression} in the page`,
    );
  }

  close() {
    return this.page.close();
  }
}
