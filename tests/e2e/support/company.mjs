// Three nodes with one Redis behind HAProxy, as docs/cluster.md says, which look like one server to a theatre.
import { kinds, Proxy } from '../../proxies/support/proxy.mjs';
import { eventually } from './patience.mjs';
import { Redis, shortLease } from './redis.mjs';
import { allWritten, metric } from './seats.mjs';
import { Server } from './server.mjs';

const names = ['a', 'b', 'c'];
const haproxy = kinds.find(({ name }) => name === 'HAProxy');

/** What only several nodes tell of a participant. */
export function withoutNodes(value) {
  if (value === null || typeof value !== 'object') return value;
  const { participants = [], away, user } = value;
  for (const one of [value, user, ...participants, ...(Array.isArray(away) ? away : [])]) delete one?.node;
  return value;
}

export class Company {
  #redis;
  #proxy;
  nodes = [];

  /** Starts all of them with these options. */
  static async start(...options) {
    const company = new Company();
    company.#redis = await Redis.start();
    try {
      const shared = ['--redis', company.#redis.url, ...shortLease, '--trusted-proxy', '127.0.0.1', ...options];
      company.nodes = await Promise.all(names.map((name) => Server.start('--node', name, ...shared)));
      company.#proxy = await Proxy.start(haproxy, company.nodes.map(({ port }) => port));
      company.url = `http://127.0.0.1:${company.#proxy.port}`;
    } catch (error) {
      await company.stop();
      throw error;
    }
    return company;
  }

  get death() {
    return Promise.race(this.nodes.map(({ death }) => death));
  }

  get hasDied() {
    return this.nodes.some(({ hasDied }) => hasDied);
  }

  get log() {
    return this.nodes.map(({ log }) => log).join('');
  }

  /** Waits until the log of any node has a line with all of these parts. */
  logged(...parts) {
    const lines = () => this.nodes.flatMap((node) => node.lines(...parts));
    return eventually(() => lines()[0], () => `a log line with ${parts.join(' and ')}`);
  }

  /** Waits until all nodes have heard of every leave: it takes effect at its own node before the others know. */
  async settled() {
    for (const node of this.nodes) await allWritten(node);
    await eventually(async () => {
      const [first, ...others] = await Promise.all(this.nodes.map((node) => metric(node, 'downbeat_sessions')));
      return others.every((one) => one === first);
    }, () => `the same at all nodes\n${this.log}`);
  }

  /** SIGTERM to all nodes; how they ended, or one of them that did not end as it should. */
  async stop() {
    try {
      const ends = await Promise.all(this.nodes.map((node) => node.stop()));
      return ends.find(({ code }) => code !== 0) ?? { code: 0, signal: null };
    } finally {
      await this.#proxy?.stop();
      await this.#redis.close();
    }
  }
}
