// The server itself, in an instance of the WebAssembly module that is its own.

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  downbeat_input(size: number): number;
  downbeat_result(): number;
  downbeat_new(): number;
  downbeat_delete(server: number): void;
  downbeat_create(server: number, size: number): number;
  downbeat_step(server: number, size: number): number;
  downbeat_snapshot(server: number): number;
  downbeat_measure(server: number): number;
  downbeat_replay(size: number): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class Machine {
  #exports: Exports;
  #server: number;
  #result: number;
  #input = 0;
  #capacity = 0;
  #bytes = new Uint8Array();

  private constructor(exports: Exports) {
    this.#exports = exports;
    exports._initialize();
    this.#server = exports.downbeat_new();
    this.#result = exports.downbeat_result();
  }

  static async start(module: WebAssembly.Module): Promise<Machine> {
    const { exports } = await WebAssembly.instantiate(module, {
      env: { emscripten_notify_memory_growth() {} },
      wasi_snapshot_preview1: {
        proc_exit(code: number) {
          throw new Error(`the module ended itself with code ${code}`);
        },
      },
    });
    return new Machine(exports as unknown as Exports);
  }

  /** Makes the server; the result is the first line of its trace. Throws what is wrong. */
  create(options: string): string {
    const size = this.#write(options);
    return this.#outcome(this.#exports.downbeat_create(this.#server, size));
  }

  /** Tells the server a fact; the result is the orders that follow, in lines. */
  step(fact: string): string {
    const size = this.#write(fact);
    return this.#outcome(this.#exports.downbeat_step(this.#server, size));
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
    const most = text.length * 3; // bytes of UTF-8 for each unit of UTF-16
    if (most > this.#capacity) {
      this.#capacity = Math.max(most, 4096);
      this.#input = this.#exports.downbeat_input(this.#capacity);
    }
    const place = this.#memory().subarray(this.#input, this.#input + this.#capacity);
    return encoder.encodeInto(text, place).written;
  }

  #outcome(isSuccess: number): string {
    const memory = this.#memory();
    const [data, size] = new Uint32Array(memory.buffer, this.#result, 2) as unknown as [
      number,
      number,
    ];
    const text = decoder.decode(memory.subarray(data, data + size));
    if (!isSuccess) throw new Error(text);
    return text;
  }

  /** A view of the memory, which is another buffer once it has grown. */
  #memory(): Uint8Array {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }
}
