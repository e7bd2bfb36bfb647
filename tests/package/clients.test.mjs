// Every client from 4.8.0 on, in each of its builds.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { Project } from './support/project.mjs';

const versions = ['4.8.0', '4.8.1', '4.8.3', '4.8.4'];
const project = await Project.create(
  Object.fromEntries(
    versions.map((version) => [`client-${version}`, `npm:socket.io-client@${version}`]),
  ),
);
const { createServer } = await project.import('downbeat-server');

const builds = {
  'the npm module': (version) => project.import(`client-${version}`),
  'socket.io.esm.min.js': async (version) => {
    const module = project.path(`esm-${version}.mjs`);
    await cp(
      project.path('node_modules', `client-${version}`, 'dist/socket.io.esm.min.js'),
      module,
    );
    return import(pathToFileURL(module));
  },
  'socket.io.min.js': async (version) => {
    const module = project.path(`umd-${version}.cjs`);
    await cp(project.path('node_modules', `client-${version}`, 'dist/socket.io.min.js'), module);
    return (await import(pathToFileURL(module))).default;
  },
};

/** Their minifier renamed `_placeholder`, too: they can send no binary data to any server. */
const isWithoutBinary = (version, build) =>
  build.endsWith('.min.js') && ['4.8.0', '4.8.1'].includes(version);

for (const version of versions) {
  describe(`socket.io-client ${version}`, () => {
    for (const [build, load] of Object.entries(builds)) {
      it(`works as ${build}`, async (t) => {
        const { io } = await load(version);
        const server = await createServer();
        t.after(() => server.close());
        const connect = () => {
          const options = { transports: [server.transport], forceNew: true, reconnectionDelay: 1 };
          const socket = io('http://localhost', options);
          t.after(() => socket.disconnect());
          return socket;
        };
        const next = (socket, event) => new Promise((resolve) => socket.once(event, resolve));

        const [alice, bob] = [connect(), connect()];
        const { roomCode } = await alice.emitWithAck('session:create', { name: 'Alice' });
        await bob.emitWithAck('session:join', { roomCode, name: 'Bob' });
        const replies = await Promise.all(
          Array.from({ length: 200 }, (_, i) =>
            bob.emitWithAck('session:update', { name: `Bob ${i}` }),
          ),
        );
        assert.ok(replies.every(({ ok }) => ok));

        if (!isWithoutBinary(version, build)) {
          const noise = next(bob, 'session:event');
          alice.emit('session:event', { type: 'noise', data: [Uint8Array.of(0, 1, 255), 'la'] });
          const { data } = await noise;
          assert.deepEqual([...new Uint8Array(data[0])], [0, 1, 255]);
          assert.equal(data[0].byteLength, 3);
        }

        const failure = next(bob, 'error');
        bob.emit('session:leave', {});
        assert.equal((await failure).code, 'invalid_payload');

        server.link.drop();
        await Promise.all([next(alice, 'connect'), next(bob, 'connect')]);
        assert.equal(server.snapshot().connections.length, 2);
        assert.equal(server.trace.filter((line) => line.includes('> websocket')).length, 4);
      });
    }
  });
}
