import { show, usageError } from './usage.js';

/**
 * Where the WebAssembly module comes from: a `WebAssembly.Module`, its bytes, a `Response`, a `URL`
 * or the text of one. Not every environment has a type for each of these.
 */
export type WasmSource = object | string;

/** @internal The module from any source. */
export async function compileWasm(
  given: WasmSource | Promise<WasmSource>,
): Promise<WebAssembly.Module> {
  const source = await given;
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === 'string' || source instanceof URL)
    return compileResponse(await load(source));
  if (typeof Response === 'function' && source instanceof Response) return compileResponse(source);
  if (ArrayBuffer.isView(source) || source instanceof ArrayBuffer) {
    return compileBytes(source as BufferSource);
  }
  throw usageError(
    'wasm must be a WebAssembly.Module, its bytes, a Response or a URL of downbeat.wasm',
  );
}

async function load(address: URL | string): Promise<Response> {
  if (String(address).startsWith('file:')) {
    throw usageError('a file cannot be fetched: give its bytes, wasm: await readFile(new URL(…))');
  }
  try {
    return await fetch(address);
  } catch (cause) {
    const where = show(String(address));
    throw Object.assign(usageError(`the module cannot be fetched from ${where}`), { cause });
  }
}

async function compileBytes(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const why = (cause as Error).message;
    throw Object.assign(usageError(`wasm is no WebAssembly module: ${why}`), { cause });
  }
}

async function compileResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new Error(
      `downbeat: ${response.url} was answered with ${response.status} instead of the module`,
    );
  }
  const isStreamable = response.headers.get('content-type')?.startsWith('application/wasm');
  if (isStreamable && 'compileStreaming' in WebAssembly)
    return WebAssembly.compileStreaming(response);
  return compileBytes(await response.arrayBuffer());
}
