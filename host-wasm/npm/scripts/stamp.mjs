// Which build a WebAssembly module is of, in a custom section of its own: it goes wherever the module
// goes, and is read without running it.

const name = 'downbeat.build';

/** The module with this about it appended; `build` is anything that JSON can say. */
export function stamped(wasm, build) {
  const payload = Buffer.from(JSON.stringify(build));
  const title = Buffer.from(name);
  const content = Buffer.concat([leb128(title.length), title, payload]);
  return Buffer.concat([wasm, Buffer.from([0]), leb128(content.length), content]);
}

/** A number as WebAssembly writes it: seven bits a byte, the lowest first. */
function leb128(number) {
  const bytes = [];
  for (; number > 0x7f; number = Math.floor(number / 0x80)) bytes.push((number % 0x80) | 0x80);
  return Buffer.from([...bytes, number]);
}
