// The package without the WebAssembly module, for pages that load `downbeat-server/downbeat.wasm`.

import type { ServerOptions } from './options.js';
import type { Replay } from './replay.js';
import { replayTrace } from './replay.js';
import { Server } from './server.js';
import { usageError } from './usage.js';
import type { WasmSource } from './wasm-source.js';
import { compileWasm } from './wasm-source.js';

export * from './common.js';

type Wasm = WasmSource | Promise<WasmSource>;

/** Makes a server: in this tab, in this worker, in this test. */
export function createServer(options: ServerOptions & { wasm: Wasm }): Promise<Server> {
  return Server.start(options, compileGiven);
}

/** Replays a trace. */
export function replay(
  trace: string | readonly string[],
  options: { wasm: Wasm },
): Promise<Replay> {
  return replayTrace(trace, () => compileGiven(options?.wasm));
}

async function compileGiven(wasm: Wasm | undefined): Promise<WebAssembly.Module> {
  if (wasm !== undefined) return compileWasm(wasm);
  throw usageError('"downbeat-server/slim" needs the module: wasm: fetch(urlOfDownbeatWasm)');
}
