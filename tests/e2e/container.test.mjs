// What deploy/Dockerfile says to Docker, said to the server without Docker: its command, its
// environment and its health check, with options behind the image's name.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { connect, ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { freePort } from './support/ports.mjs';
import { httpRequest } from './support/raw.mjs';

const binary =
  process.env.DOWNBEAT_BIN ??
  fileURLToPath(new URL('../../build/native-release/bin/downbeat', import.meta.url));

/** What the image is made of in the end; lines that go on are one. */
function readImage() {
  const text = readFileSync(new URL('../../deploy/Dockerfile', import.meta.url), 'utf8');
  const last = text.slice(text.lastIndexOf('\nFROM ')).replaceAll(/\\\n\s*/g, '');
  const valueOf = (instruction) => last.match(new RegExp(`^${instruction} (.*)$`, 'm'))[1];
  return {
    command: JSON.parse(valueOf('ENTRYPOINT')),
    environment: Object.fromEntries(valueOf('ENV').split(' ').map((one) => one.split('='))),
    health: valueOf('HEALTHCHECK').match(/CMD (.*)$/)[1],
  };
}

/** Runs a server as the container does; `health()` is the exit code of its health check. */
async function withContainer(options, environment, test) {
  const { command, environment: set, health } = readImage();
  const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
  symlinkSync(binary, join(folder, command[0]));
  writeFileSync(join(folder, 'index.html'), 'the page');
  const env = {
    ...set,
    PATH: `${folder}:/usr/bin:/bin`,
    DOWNBEAT_WEB_ROOT: folder,
    ...environment,
  };
  const child = spawn(command[0], [...command.slice(1), '--host', '127.0.0.1', ...options], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const container = {
    child,
    log: '',
    health: () =>
      new Promise((resolve) => {
        // Where the container has process 1, this machine has another one.
        const here = health.replaceAll('/proc/1/', `/proc/${child.pid}/`);
        execFile('/bin/sh', ['-c', here], { env }, (error) => resolve(error?.code ?? 0));
      }),
  };
  child.stdout.setEncoding('utf8').on('data', (text) => (container.log += text));
  try {
    await test(container);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

const isHealthy = (container) =>
  eventually(
    async () => (await container.health()) === 0,
    () => `a healthy container\n${container.log}`,
  );

it('The container keeps its JSON log and its page when it has options', async () => {
  const port = await freePort();
  await withContainer(['--port', String(port), '--max-sessions', '7'], {}, async (container) => {
    await isHealthy(container);
    assert.equal((await httpRequest(`http://127.0.0.1:${port}/`)).body, 'the page');
    const lines = () => container.log.split('\n').slice(0, -1);
    await eventually(
      () => lines().length > 0,
      () => 'a line of the log',
    );
    for (const line of lines()) assert.equal(typeof JSON.parse(line).level, 'string');
  });
});

it('The health check finds the port in the environment', async () => {
  const DOWNBEAT_PORT = String(await freePort());
  await withContainer([], { DOWNBEAT_PORT }, isHealthy);
});

it('The health check says 1 while the server drains, and when it hangs', async () => {
  const port = await freePort();
  await withContainer(['--port', String(port)], {}, async (container) => {
    await isHealthy(container);
    container.child.kill('SIGSTOP');
    assert.equal(await container.health(), 1);
    container.child.kill('SIGCONT');
    await isHealthy(container);

    const [, overWebSocket] = ways;
    const ada = await connect(`http://127.0.0.1:${port}`, overWebSocket, { reconnection: false });
    try {
      await ada.request('session:create', { name: 'Ada' });
      container.child.kill('SIGTERM');
      await ada.until('server:closing');
      assert.equal(await within(container.health(), () => 'an answer'), 1);
    } finally {
      ada.close();
    }
  });
});
