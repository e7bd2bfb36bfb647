import wasm from 'downbeat-server/downbeat.wasm?url';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The engine, fetched and compiled once, for the server in this tab and for each replay. */
export function engine(): Promise<WebAssembly.Module> {
  compiled ??= load().catch((error: unknown) => {
    compiled = undefined; // so that the next one tries again
    throw error;
  });
  return compiled;
}

async function load(): Promise<WebAssembly.Module> {
  const response = await fetch(wasm);
  if (!response.ok) throw new Error(`the engine was answered with ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}
