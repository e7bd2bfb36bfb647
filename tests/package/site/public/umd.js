import { createServer } from '/downbeat-server/dist/index.js';
import { jam } from '/jam.js';

window.playInPage = () => jam(createServer, window.io);
document.title = 'ready';
