// The events that clients received, as lines, to compare two servers.

/** The transcripts of several clients, with ids and room codes numbered as they come up. */
export function transcribe(transcripts) {
  const story = transcripts.flatMap((transcript, i) => [
    `client ${i + 1}`,
    ...transcript.map((entry) => `  ${write(entry)}`),
  ]);
  return number(
    number(story.join('\n'), 'id', /"[\w-]{20}"/g),
    'room',
    /"[A-Z]{2,7}-\d{2,7}"/g,
  ).split('\n');
}

function write([event, ...args]) {
  // The transport's own reason for the end does not come from the server.
  if (event === 'disconnect') return JSON.stringify([event, args[0]]);
  if (event === 'connect_error') return JSON.stringify([event]);
  return JSON.stringify([event, ...args], (_, value) =>
    // What a Buffer's toJSON has made of it.
    value?.type === 'Buffer' && Array.isArray(value.data)
      ? { binary: Buffer.from(value.data).toString('base64') }
      : value,
  );
}

function number(text, kind, pattern) {
  const numbers = new Map();
  return text.replaceAll(pattern, (found) => {
    if (!numbers.has(found)) numbers.set(found, numbers.size + 1);
    return `<${kind} ${numbers.get(found)}>`;
  });
}
