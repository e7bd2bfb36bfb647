// A cable between a client and a server that can be pulled out: both ends lose their connections
// without a word, and new ones are refused until it is plugged in again.
import { once } from 'node:events';
import net from 'node:net';

export class Cable {
  #pairs = new Set();
  #isPlugged = true;

  static async to(server) {
    const cable = new Cable();
    cable.listener = net.createServer((near) => cable.#connect(near, server.port));
    cable.listener.listen(0, '127.0.0.1');
    await once(cable.listener, 'listening');
    cable.url = `http://127.0.0.1:${cable.listener.address().port}`;
    return cable;
  }

  #connect(near, port) {
    if (!this.#isPlugged) return void near.destroy();
    const far = net.connect(port, '127.0.0.1');
    const pair = { near, far, isGet: false, isSent: false };
    this.#pairs.add(pair);
    near.on('data', (bytes) => {
      Object.assign(pair, { isGet: bytes.toString('latin1').startsWith('GET '), isSent: false });
      far.write(bytes, () => (pair.isSent = true));
    });
    far.on('data', (bytes) => {
      pair.isGet = false;
      near.write(bytes);
    });
    for (const [end, other] of [
      [near, far],
      [far, near],
    ]) {
      end.on('error', () => {});
      end.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }

  /** Whether a GET waits for its response: only then does a server notice that polling is cut. */
  get isPolling() {
    return [...this.#pairs].some((pair) => pair.isGet && pair.isSent);
  }

  unplug() {
    this.#isPlugged = false;
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  plugIn() {
    this.#isPlugged = true;
  }

  close() {
    this.unplug();
    this.listener.close();
  }
}
