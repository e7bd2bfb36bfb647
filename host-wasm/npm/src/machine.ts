// The server itself, in an instance of the WebAssembly module that is its own.

import { JournalError } from './journal.js';
import { usageError } from './usage.js';

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  downbeat_input(size: number): number;
  downbeat_result(): number;
  downbeat_new(): number;
  downbeat_delete(server: number): void;
  downbeat_create(server: number, size: number): number;
  downbeat_step(server: number, size: number): number;
  downbeat_evolve(server: number, size: number): number;
  downbeat_snapshot(server: number): number;
  downbeat_measure(server: number): number;
  downbeat_replay(size: number): number;
}

/** The server refused an input; the message says why. The server has not changed. */
export class Refusal extends Error {}

/** Bytes of the input buffer that a machine keeps. It grows for a larger input, then shrinks. */
const standing = 0x10000;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class Machine {
  #exports: Exports;
  #server: number;
  #result: number;
  #input = 0;
  #capacity = 0; // of the place for input
  #bytes = new Uint8Array();

  private constructor(exports: Exports) {
    this.#exports = exports;
    exports._initialize();
    this.#server = exports.downbeat_new();
    this.#result = exports.downbeat_result();
  }

  static async start(module: WebAssembly.Module): Promise<Machine> {
    const imports = {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        proc_exit(code: number) {
          throw new Error(`the module ended itself with code ${code}`);
        },
      },
    };
    const isOurs = WebAssembly.Module.exports(module).some(({ name }) => name === 'downbeat_step');
    if (!isOurs) throw usageError('wasm is another module than downbeat.wasm');
    const { exports } = await WebAssembly.instantiate(module, imports);
    return new Machine(exports as unknown as Exports);
  }

  /** Makes the server; returns the first line of its trace. Throws if an option is wrong. */
  create(options: string): string {
    const size = this.#write(options);
    return this.#outcome(this.#exports.downbeat_create(this.#server, size));
  }

  /** Gives the server an input; the result is the outputs that follow, in lines. */
  step(input: string): string {
    const size = this.#write(input);
    return this.#outcome(this.#exports.downbeat_step(this.#server, size));
  }

  /** The state of a room of a journal after these appends; `undefined` if it has ended. */
  evolve(state: string | undefined, events: readonly string[]): string | undefined {
    const size = this.#write([state ?? '', ...events].join('\n'));
    try {
      return this.#outcome(this.#exports.downbeat_evolve(this.#server, size)) || undefined;
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      throw new JournalError('journal_damaged', `the journal is damaged: ${cause.message}`);
    }
  }

  snapshot(): unknown {
    return JSON.parse(this.#outcome(this.#exports.downbeat_snapshot(this.#server)));
  }

  measure(): unknown {
    return JSON.parse(this.#outcome(this.#exports.downbeat_measure(this.#server)));
  }

  replay(trace: string): unknown {
    const size = this.#write(trace);
    return JSON.parse(this.#outcome(this.#exports.downbeat_replay(size)));
  }

  /** The size of the module's memory in bytes. */
  get memory(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  #write(text: string): number {
    // Three bytes of UTF-8 are the most for each unit of UTF-16.
    if (text.length * 3 <= standing) {
      if (this.#capacity !== standing) this.#reserve(standing);
      return encoder.encodeInto(text, this.#place()).written;
    }
    const bytes = encoder.encode(text);
    this.#reserve(bytes.length);
    this.#place().set(bytes);
    return bytes.length;
  }

  #reserve(size: number): void {
    this.#input = this.#exports.downbeat_input(size);
    this.#capacity = size;
  }

  #place(): Uint8Array {
    return this.#memory().subarray(this.#input, this.#input + this.#capacity);
  }

  #outcome(isSuccess: number): string {
    // Frees the buffer of a large input, so that the server can use it for outputs and its state.
    if (this.#capacity > standing) this.#reserve(standing);
    const memory = this.#memory();
    const [data, size] = new Uint32Array(memory.buffer, this.#result, 2) as unknown as [
      number,
      number,
    ];
    const text = decoder.decode(memory.subarray(data, data + size));
    if (!isSuccess) throw new Refusal(text);
    return text;
  }

  /** A view of the memory, which is another buffer once it has grown. */
  #memory(): Uint8Array {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }
}
