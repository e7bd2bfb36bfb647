// Errors that go uncaught, which the test runner would take for failures.
import { eventually } from './patience.mjs';

/** Plays something until at least so many errors have gone uncaught; their messages. */
export async function uncaughtIn(count, play) {
  const kinds = ['uncaughtException', 'unhandledRejection'];
  const others = kinds.map((kind) => process.listeners(kind));
  const messages = [];
  for (const kind of kinds) {
    process.removeAllListeners(kind).on(kind, ({ message }) => messages.push(message));
  }
  try {
    await play();
    await eventually(
      () => messages.length >= count,
      () => `${count} uncaught errors; there were ${messages.length}`,
    );
  } finally {
    kinds.forEach((kind, i) => {
      process.removeAllListeners(kind);
      others[i].forEach((listener) => process.on(kind, listener));
    });
  }
  return messages;
}
