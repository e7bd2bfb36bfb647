import { createServer } from '/downbeat-server/dist/index.js';
import { jam } from '/jam.js';
import { io } from '/socket.io.esm.min.js';

window.playInPage = () => jam(createServer, io);
document.title = 'ready';
