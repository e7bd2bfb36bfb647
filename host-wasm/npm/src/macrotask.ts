// The event loop's next macrotask, without a timer's delay: by then all microtasks, such as the
// stock client's, have run. The functions it uses are taken now, before a test fakes them.

/** Runs the callback in a macrotask of its own. */
export const queueMacrotask: (callback: () => void) => void = findQueue();

/** Resolves in the next macrotask. */
export function nextMacrotask(): Promise<void> {
  return new Promise(queueMacrotask);
}

function findQueue(): (callback: () => void) => void {
  const { setImmediate, setTimeout, MessageChannel } = globalThis as typeof globalThis & {
    setImmediate?: (callback: () => void) => void;
  };
  if (typeof setImmediate === 'function') return (callback) => setImmediate(callback);
  // Browsers slow down the timers of hidden pages, but not messages.
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
