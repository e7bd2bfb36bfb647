// The package with the WebAssembly module built in.

import { compileEmbedded } from './embedded.js';
import type { ServerOptions } from './options.js';
import type { Replay } from './replay.js';
import { replayTrace } from './replay.js';
import { Server } from './server.js';
import { compileWasm } from './wasm-source.js';

export * from './common.js';

/** Makes a server: in this tab, in this worker, in this test. */
export function createServer(options?: ServerOptions): Promise<Server> {
  return Server.start(options, (wasm) =>
    wasm === undefined ? compileEmbedded() : compileWasm(wasm),
  );
}

/**
 * Replays a trace: that of `server.trace`, or one that the native server has recorded. It must
 * begin at its beginning.
 */
export function replay(trace: string | readonly string[]): Promise<Replay> {
  return replayTrace(trace, compileEmbedded);
}
