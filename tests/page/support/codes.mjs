// Room codes as the engine itself draws them, in all of their shapes.
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const npm =
  process.env.DOWNBEAT_NPM ??
  fileURLToPath(new URL('../../../build/wasm-release/npm', import.meta.url));

/** From rooms that are all live at once, which makes the codes grow: `count` of each shape. */
export async function drawCodes(count) {
  const { Machine } = await import(pathToFileURL(`${npm}/dist/machine.js`).href);
  const module = await WebAssembly.compile(await readFile(`${npm}/downbeat.wasm`));
  const machine = await Machine.start(module);
  machine.create('{}');
  const shapes = [/^[A-Z]+-\d{2}$/, /^[A-Z]+-\d{4}$/, /^[A-Z]{3,4}-\w{5}$/, /^\w{4}-\w{5}$/];
  const drawn = shapes.map(() => []);
  for (let client = 1; drawn.some(({ length }) => length < count); ++client) {
    const entropy = client.toString(16).padStart(8, '0').repeat(16);
    const request = { query: 'EIO=4&transport=websocket', origin: '', contentType: '' };
    // Each from an address of its own: one address may not create as many as this.
    const from = { ...request, address: `client ${client}`, entropy };
    machine.step(`0 > websocket ${client} ${JSON.stringify(from)}`);
    machine.step(`0 > text ${client} "40"`);
    const create = JSON.stringify(`42${JSON.stringify(['session:create', { name: 'Ada' }])}`);
    const outputs = machine.step(`0 > text ${client} ${create}`);
    const code = /roomCode\\":\\"([^"\\]+)/.exec(outputs)[1];
    const shape = shapes.findIndex((each) => each.test(code));
    if (shape < 0) throw new Error(`${code} is of a shape that this test does not know`);
    drawn[shape].push(code);
  }
  return drawn.map((codes) => codes.slice(-count));
}
