import { useComputed, type ReadonlySignal } from '@preact/signals';

/** The time until then, such as `1:58`. Screen readers find it, and do not read out each second. */
export function Countdown({ until, now }: { until: number; now: ReadonlySignal<number> }) {
  const left = useComputed(() => {
    const seconds = Math.max(0, Math.ceil((until - now.value) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  });
  return (
    <span role="timer" class="countdown">
      {left}
    </span>
  );
}
