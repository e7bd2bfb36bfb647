// The event loop's next turn, without a timer's delay: by then the microtasks of this one, such as
// the stock client's, have run. What it is made of is taken now, before a test fakes it.

export const nextTurn: (callback: () => void) => void = findNextTurn();

/** Resolves in the next turn. */
export function turn(): Promise<void> {
  return new Promise(nextTurn);
}

function findNextTurn(): (callback: () => void) => void {
  const { setImmediate, setTimeout, MessageChannel } = globalThis as typeof globalThis & {
    setImmediate?: (callback: () => void) => void;
  };
  if (typeof setImmediate === 'function') return (callback) => setImmediate(callback);
  // A browser slows timers down in pages that nobody sees, and messages not at all.
  if (typeof MessageChannel === 'function') {
    const waiting: (() => void)[] = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => waiting.shift()?.();
    return (callback) => {
      waiting.push(callback);
      port2.postMessage(null);
    };
  }
  return (callback) => setTimeout(callback, 0);
}
