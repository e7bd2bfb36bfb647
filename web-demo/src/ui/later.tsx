import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

const waiting: (() => Promise<void>)[] = [];

/**
 * A component of which the first screen shows nothing. Its code is loaded when the browser has
 * nothing else to do, or once it is shown.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const loaded = signal<ComponentType<Props> | undefined>(undefined);
  const fetchIt = async () => {
    try {
      loaded.value ??= await load();
    } catch {
      // Without a network now: it is asked for again when it is shown.
    }
  };
  waiting.push(fetchIt);
  return (props: Props) => {
    useEffect(() => void fetchIt(), []);
    const Loaded = loaded.value;
    return Loaded ? <Loaded {...props} /> : null;
  };
}

/** Loads what is for later, one after the other. */
export async function loadTheRest(): Promise<void> {
  for (const load of waiting.splice(0)) {
    await new Promise<unknown>((resolve) =>
      'requestIdleCallback' in window ? requestIdleCallback(resolve) : setTimeout(resolve, 1000),
    );
    await load();
  }
}
