// The end-to-end scenes of the native server, played unchanged on the server in this process: each
// client must get the same, in the same order, on both. Without a native server, from DOWNBEAT_BIN
// or the build, they are played on this one alone.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
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
const { createServer } = await project.import('downbeat-server');
const { io } = await project.import('socket.io-client');
const { Client, open, ways } = await ours('support/client.mjs');
const { eventually } = await ours('support/patience.mjs');
const { Server: NativeServer } = await ours('support/server.mjs');

/** The native server, as a stage for scenes. */
class NativeStage {
  static async start() {
    const stage = new NativeStage();
    stage.server = await NativeServer.start('--no-limits', '--drain-timeout', '0');
    return stage;
  }

  open(options) {
    const way = ways.find(({ name }) => name === 'WebSocket only');
    return open(this.server.url, way, options);
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

  open(options) {
    const transports = [this.server.transport];
    return new Client(io('http://localhost', { transports, forceNew: true, ...options }));
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

/** A theatre's stage, and another one once a scene has ended the server of that. */
class Theatre {
  constructor(Stage) {
    this.Stage = Stage;
  }

  async stage() {
    return (this.open ??= await this.Stage.start());
  }

  async close() {
    const stage = this.open;
    this.open = undefined;
    await stage?.stop();
  }
}

/** Plays a scene; its clients' transcripts, once everything that was under way has arrived. */
async function play(scene, theatre) {
  const on = await theatre.stage();
  const clients = [];
  const open = (options) => {
    const client = on.open(options);
    clients.push(client);
    return client;
  };
  const stage = {
    open,
    connect: async (options) => {
      const client = open(options);
      await client.until('connect');
      return client;
    },
    logged: (...parts) => on.logged(...parts),
    end: () => theatre.close(),
  };
  try {
    await scene(stage);
    const present = clients.filter(({ socket }) => socket.connected);
    // First the clients' messages arrive, and then the server's answers.
    for (let i = 0; i < 2; ++i) await Promise.all(present.map((client) => client.caughtUp()));
    return clients.map(({ transcript }) => [...transcript]);
  } finally {
    clients.forEach((client) => client.close());
  }
}

const files = (await readdir(project.path('scenarios'))).filter((file) => file !== 'band.mjs');

describe(hasNative ? 'Transcripts are equal, native and in the tab' : 'Scenes in the tab', () => {
  const inTab = new Theatre(InTabStage);
  const native = hasNative ? new Theatre(NativeStage) : undefined;
  after(async () => {
    try {
      await inTab.close();
    } finally {
      await native?.close();
    }
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
