import { useEffect } from 'preact/hooks';

/** Keeps the screen on: a listener's phone that sleeps loses its connection. */
export function useWakeLock(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const ask = async () => {
      if (document.hidden || (lock && !lock.released)) return;
      try {
        const asked = await navigator.wakeLock.request('screen');
        if (isOver || (lock && !lock.released)) await asked.release();
        else lock = asked;
      } catch {
        // A battery that is low refuses it: the screen goes off as usual.
      }
    };
    // The browser takes it away from a page that is not shown.
    document.addEventListener('visibilitychange', ask);
    void ask();
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, [isNeeded]);
}
