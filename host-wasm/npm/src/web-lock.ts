/**
 * Takes a Web Lock, and waits at most so long for it. The result gives it back; it is undefined if
 * somebody else has the lock all the time. Rejects where locks are refused.
 */
export function takeLock(name: string, waitMs: number): Promise<(() => void) | undefined> {
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
