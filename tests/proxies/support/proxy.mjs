// nginx and HAProxy as an operator runs them: with the files of deploy/, in which only ports and
// times are replaced.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually, within } from '../../e2e/support/patience.mjs';
import { freePort } from '../../e2e/support/ports.mjs';

// Debian has both in a folder that is not in every user's PATH.
const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;

/** The text of a file of deploy/. */
export function recipe(name) {
  return readFileSync(new URL(`../../../deploy/${name}`, import.meta.url), 'utf8');
}

/** The lines for three nodes, as docs/cluster.md has them for this proxy, block by block. */
function linesForNodes(language, ports) {
  const page = readFileSync(new URL('../../../docs/cluster.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, lines]) => lines);
  const addresses = ports.map((port, i) => [`10.0.0.${i + 1}:3001`, `127.0.0.1:${port}`]);
  return [replaced(blocks[0], addresses), ...blocks.slice(1)];
}

/** The recipe with these texts replaced; each must be in it. */
function replaced(text, replacements) {
  for (const [from, to] of replacements) {
    assert.ok(text.includes(from), `the recipe has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** What docs/cluster.md says to replace in the recipe for nginx. */
function nginxForNodes(ports) {
  const [upstreams, lines] = linesForNodes('nginx', ports);
  const [timeout, pass] = lines.split('\n');
  const [upstream] = recipe('nginx.conf').match(/^upstream [^]*?^}\n/m);
  const location = '  location /socket.io/ {\n';
  return [
    [upstream, upstreams],
    ['  proxy_http_version 1.1;\n', `  proxy_http_version 1.1;\n${timeout}\n`],
    [`${location}    proxy_pass http://downbeat;\n`, `${location}${pass}\n`],
  ];
}

// So that this run writes only into its own folder.
const nginxAround = (folder) => `
daemon off;
pid ${folder}/pid;
error_log stderr warn;
${process.geteuid() === 0 ? 'user root;' : ''}
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  include ${folder}/downbeat.conf;
}
`;

/** Both; each makes its files in a folder, and names the command that runs with them. */
export const kinds = [
  {
    name: 'nginx',
    /** The proxy's answer while the server behind it is down. */
    badGateway: 502,
    prepare(folder, port, backend, idle) {
      const text = replaced(recipe('nginx.conf'), [
        ['listen 80;', `listen 127.0.0.1:${port};`],
        ...(Array.isArray(backend) ? nginxForNodes(backend) : [['server 127.0.0.1:3001;', `server 127.0.0.1:${backend};`]]),
        ...(idle ? [['proxy_read_timeout 60s;', `proxy_read_timeout ${idle};`]] : []),
      ]);
      writeFileSync(join(folder, 'downbeat.conf'), text);
      writeFileSync(join(folder, 'nginx.conf'), nginxAround(folder));
      return ['nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
    },
  },
  {
    name: 'HAProxy',
    badGateway: 503,
    prepare(folder, port, backend, idle) {
      const text = replaced(recipe('haproxy.cfg'), [
        ['bind :80\n', `bind 127.0.0.1:${port}\n`],
        Array.isArray(backend)
          ? ['  server downbeat 127.0.0.1:3001\n', linesForNodes('haproxy', backend)[0]]
          : ['server downbeat 127.0.0.1:3001', `server downbeat 127.0.0.1:${backend}`],
        ...(idle
          ? ['client', 'server', 'tunnel'].map((of) => [`timeout ${of} 60s`, `timeout ${of} ${idle}`])
          : []),
      ]);
      writeFileSync(join(folder, 'haproxy.cfg'), text);
      return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')];
    },
  },
];

// No proxy outlives its test. SIGTERM, because nginx's master has to end its workers.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGTERM')));

/** A running proxy in front of the server on port `backend`, or of the nodes a, b and c on a list of ports. */
export class Proxy {
  log = '';
  #child;
  #ended;
  #folder = mkdtempSync(join(tmpdir(), 'downbeat-proxy-'));

  /** `idle` replaces the idle timeouts, for example with "1s". */
  static async start(kind, backend, idle) {
    const proxy = new Proxy();
    proxy.port = await freePort();
    proxy.url = `http://jam.example:${proxy.port}`;
    const [command, ...args] = kind.prepare(proxy.#folder, proxy.port, backend, idle);
    const child = spawn(command, args, { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    proxy.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (proxy.log += text));
    }
    let end = null;
    proxy.#ended = once(child, 'close')
      .catch((error) => (proxy.log += error.message))
      .finally(() => (running.delete(child), (end = true)));
    try {
      await eventually(
        () => end || answers(proxy.port),
        () => `${kind.name} to listen\n${proxy.log}`,
      );
      assert.equal(end, null, `${kind.name} has ended: ${proxy.log}`);
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return proxy;
  }

  async stop() {
    this.#child.kill('SIGTERM');
    await within(this.#ended, () => `the end of the proxy\n${this.log}`);
    rmSync(this.#folder, { recursive: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
