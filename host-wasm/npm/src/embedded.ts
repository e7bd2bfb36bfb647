import { decodeBase64 } from './base64.js';
import { embeddedWasm } from './embedded-wasm.js';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module that came with this code, compiled once. */
export function compileEmbedded(): Promise<WebAssembly.Module> {
  return (compiled ??= compile());
}

async function compile(): Promise<WebAssembly.Module> {
  const zipped = new Blob([decodeBase64(embeddedWasm)]).stream();
  const bytes = zipped.pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.compile(await new Response(bytes).arrayBuffer());
}
