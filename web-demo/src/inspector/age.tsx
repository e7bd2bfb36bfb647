import { useEffect, useState } from 'preact/hooks';

/** How old something is that the server has told, from one second on. */
export function Age({ since }: { since: number }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - since) / 1000);
  return <small class="age">{seconds < 1 ? 'now' : `${seconds} s ago`}</small>;
}
