// The end-to-end scenes of the native server, played unchanged on the server in this process: each
// client must hear the same, in the same order, on both. Without a native server, from DOWNBEAT_BIN
// or the build, they are played on this one alone.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { Project } from './support/project.mjs';
import { transcribe } from './support/transcript.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
process.env.DOWNBEAT_BIN ??= `${repository}build/native-release/bin/downbeat`;
const hasNative = existsSync(process.env.DOWNBEAT_BIN);

// Where the scenes find the stock client, and this package.
const project = await Project.create();
await project.copy(`${repository}tests/e2e/scenarios`, 'scenarios');
await project.copy(`${repository}tests/e2e/support`, 'support');
const ours = (file) => import(pathToFileURL(project.path(file)));
const { createServer } = await project.import('downbeat');
const { io } = await project.import('socket.io-client');
const { Client, connect, ways } = await ours('support/client.mjs');
const { eventually } = await ours('support/patience.mjs');
const { Server: NativeServer } = await ours('support/server.mjs');

/** The native server, as a stage for scenes. */
class NativeStage {
  static async start() {
    const stage = new NativeStage();
    stage.server = await NativeServer.start('--no-limits');
    return stage;
  }

  connect(options) {
    const way = ways.find(({ name }) => name === 'WebSocket only');
    return connect(this.server.url, way, options);
  }

  logged(...parts) {
    return this.server.logged(...parts);
  }

  stop() {
    return this.server.stop();
  }
}

/** What --no-limits lifts: counts and rates. */
const { settings } = await createServer();
const counts = Object.keys(settings).filter((name) =>
  /^max(Participants|Sessions|.*Per)/.test(name),
);
const unlimited = Object.fromEntries(counts.map((name) => [name, 0]));

/** The server in this process, likewise. */
class InTabStage {
  static async start() {
    const stage = new InTabStage();
    stage.server = await createServer(unlimited);
    return stage;
  }

  async connect(options) {
    const transports = [this.server.transport];
    const client = new Client(io('http://localhost', { transports, forceNew: true, ...options }));
    await client.until('connect');
    return client;
  }

  /** What an operator reads in the log stands in the trace as a report. */
  logged(...parts) {
    const hasAll = (line) => / < report /.test(line) && parts.every((part) => line.includes(part));
    return eventually(
      () => this.server.trace.some(hasAll),
      () => `a report of ${parts}`,
    );
  }

  stop() {
    return this.server.close();
  }
}

/** Plays a scene; its clients' transcripts, once everything that was under way has arrived. */
async function play(scene, on) {
  const clients = [];
  const stage = {
    connect: async (options) => {
      const client = await on.connect(options);
      clients.push(client);
      return client;
    },
    logged: (...parts) => on.logged(...parts),
  };
  try {
    await scene(stage);
    const present = clients.filter(({ socket }) => socket.connected);
    // At first what they said arrives, and then what that led to.
    for (let i = 0; i < 2; ++i) await Promise.all(present.map((client) => client.caughtUp()));
    return clients.map(({ transcript }) => [...transcript]);
  } finally {
    clients.forEach((client) => client.close());
  }
}

const files = (await readdir(project.path('scenarios'))).filter((file) => file !== 'band.mjs');

describe(hasNative ? 'Transcripts are equal, native and in the tab' : 'Scenes in the tab', () => {
  let inTab;
  let native;
  before(async () => {
    inTab = await InTabStage.start();
    if (hasNative) native = await NativeStage.start();
  });
  after(async () => {
    await inTab?.stop();
    await native?.stop();
  });

  for (const file of files) {
    describe(file, async () => {
      for (const collection of Object.values(await ours(`scenarios/${file}`))) {
        for (const [title, scene] of Object.entries(collection)) {
          it(title, async () => {
            const heard = transcribe(await play(scene, inTab));
            if (native) assert.deepEqual(heard, transcribe(await play(scene, native)));
          });
        }
      }
    });
  }
});
