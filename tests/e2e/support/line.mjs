// The line between a client and the server, with everything that goes wrong on one.
import { connect, createServer } from 'node:net';

import { eventually } from './patience.mjs';

/** A TCP proxy on the loopback. It reads no bytes, so that it works with TLS as well. */
export class Line {
  #isClosed = false;
  #isPlugged = true;
  #pairs = new Set();
  #isHeld = { up: false, down: false };
  /** Bytes that have come while the direction was held. */
  held = { up: 0, down: 0 };

  /** Opens a line to this server. `localAddress` is what the server takes for the client's address. */
  static async to({ port, scheme }, { localAddress } = {}) {
    const line = new Line();
    line.port = port;
    line.listener = createServer((inner) => {
      if (line.#isClosed || !line.#isPlugged) return inner.destroy();
      line.#join(inner, connect({ port: line.port, host: '127.0.0.1', localAddress, noDelay: true }));
    });
    await new Promise((resolve) => line.listener.listen(0, '127.0.0.1', resolve));
    line.url = `${scheme}://127.0.0.1:${line.listener.address().port}`;
    return line;
  }

  #join(inner, outer) {
    inner.setNoDelay(true);
    const pair = { inner, outer, queue: [], isCut: false, isHeld: { ...this.#isHeld } };
    this.#pairs.add(pair);
    for (const [way, from, to] of [['up', inner, outer], ['down', outer, inner]]) {
      const pass = (send) => (pair.isHeld[way] ? pair.queue.push(send) : send());
      from.on('data', (bytes) => {
        if (pair.isHeld[way]) this.held[way] += bytes.length;
        pass(() => pair.isCut || to.destroyed || to.write(bytes));
      });
      from.on('end', () => pass(() => pair.isCut || to.end()));
      from.on('error', () => {});
      from.on('close', () => {
        pass(() => pair.isCut || to.destroy());
        if (inner.destroyed && outer.destroyed) this.#pairs.delete(pair);
      });
    }
  }

  /** From now on, new connections lead to another server. */
  leadTo({ port }) {
    this.port = port;
  }

  /** Cuts all TCP connections, for both ends. */
  cut() {
    for (const pair of this.#pairs) {
      pair.isCut = true;
      // Not resetAndDestroy(): Node leaves a TCP connection open if it is reset while it is being ended.
      pair.outer.destroy();
      pair.inner.destroy();
    }
  }

  /** Cuts all TCP connections, and lets no new one through until the line is plugged in again. */
  unplug() {
    this.#isPlugged = false;
    this.cut();
  }

  plugIn() {
    this.#isPlugged = true;
  }

  /** Cuts the clients' ends. The server does not notice: its TCP connections stay open. */
  cutClients() {
    for (const { inner, isHeld } of this.#pairs) {
      isHeld.up = true;
      inner.destroy();
    }
  }

  /** Bytes of this direction ('up' is to the server) come to a halt, also those of later TCP connections. */
  hold(way) {
    this.#isHeld[way] = true;
    this.holdOpen(way);
  }

  /** Bytes of this direction come to a halt on the TCP connections that are open now. */
  holdOpen(way) {
    this.held[way] = 0;
    for (const { isHeld } of this.#pairs) isHeld[way] = true;
  }

  /** Lets bytes pass again, those that were held before all others. */
  deliver() {
    this.#isHeld = { up: false, down: false };
    for (const pair of this.#pairs) {
      pair.isHeld = { up: false, down: false };
      for (const send of pair.queue.splice(0)) send();
    }
  }

  /** Waits until something is held. */
  holding(way) {
    return eventually(() => this.held[way] > 0, () => `bytes that are held on their way ${way}`);
  }

  /** How many TCP connections to the server are open. */
  get open() {
    return [...this.#pairs].filter(({ outer }) => !outer.destroyed).length;
  }

  close() {
    this.#isClosed = true;
    this.cut();
    this.listener.close();
  }
}
