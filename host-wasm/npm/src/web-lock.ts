/**
 * Takes a Web Lock, and waits at most so long for it. The result gives it back; it is undefined if
 * somebody else has the lock all the time. Rejects where locks are refused.
 */
export async function takeLock(
  name: string,
  waitMs: number,
): Promise<(() => void) | undefined> {
  // First without a timer: on a busy page it could end before the browser has said that the lock is
  // free.
  return (await takeFreeLock(name)) ?? (waitMs > 0 ? waitForLock(name, waitMs) : undefined);
}

function takeFreeLock(name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null) => {
      if (!lock) return resolve(undefined);
      return new Promise<void>((release) => resolve(release));
    };
    navigator.locks.request(name, { ifAvailable: true }, hold).catch(reject);
  });
}

function waitForLock(name: string, waitMs: number): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const patience = new AbortController();
    // Chromium does not reject what is aborted before its first lock was asked for.
    const timer = setTimeout(() => (patience.abort(), resolve(undefined)), waitMs);
    const hold = () => {
      clearTimeout(timer);
      if (patience.signal.aborted) return undefined;
      return new Promise<void>((release) => resolve(release));
    };
    navigator.locks.request(name, { signal: patience.signal }, hold).catch((error: unknown) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
