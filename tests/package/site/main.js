import { createServer, indexedDBJournal, replay } from 'downbeat-server';
import { createServer as createSlimServer } from 'downbeat-server/slim';
import wasm from 'downbeat-server/downbeat.wasm?url';
import { io } from 'socket.io-client';

import { jam } from './jam.js';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const answers = [];
worker.onmessage = ({ data }) => answers.shift()(data);
const ask = (question) =>
  new Promise((resolve) => {
    answers.push(resolve);
    worker.postMessage(question);
  });

Object.assign(window, {
  createServer,
  indexedDBJournal,
  replay,
  io,
  playInPage: () => jam(createServer, io),
  playInWorker: () => ask('play'),
  playSlim: () => jam(createSlimServer, io, { wasm }),
  replayInPage: async () => {
    const server = await createServer({ time: 'virtual' });
    const socket = io('http://localhost', { transports: [server.transport], forceNew: true });
    await socket.emitWithAck('session:create', { name: 'Alice' });
    socket.disconnect();
    await server.advance(1000);
    return replay(server.trace);
  },
});
await ask('Are you there?');
document.title = 'ready';
