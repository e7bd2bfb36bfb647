import { createServer } from 'downbeat-server';
import { io } from 'socket.io-client';

import { jam } from './jam.js';

self.onmessage = async ({ data }) => {
  self.postMessage(data === 'play' ? await jam(createServer, io) : 'Yes.');
};
