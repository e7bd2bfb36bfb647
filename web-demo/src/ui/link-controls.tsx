import type { DeviceSlot } from '../jam/tab-jam';

/** Latency, jitter and the plug of a device's connection. */
export function LinkControls({
  slot,
  onPlug,
}: {
  slot: DeviceSlot;
  onPlug: (isPlugged: boolean) => void;
}) {
  const { latency, jitter, isPlugged, link, device } = slot;
  return (
    <fieldset class="link">
      <legend>Connection</legend>
      <button
        type="button"
        aria-pressed={!isPlugged.value}
        onClick={() => onPlug(!isPlugged.value)}
      >
        {isPlugged.value ? 'Unplug' : 'Plug in'}
      </button>
      <label>
        <span>Latency</span>
        <input
          type="range"
          id={`${device.key}-latency`}
          max={500}
          step={10}
          value={latency.value}
          onInput={(event) => (latency.value = link.latencyMs = event.currentTarget.valueAsNumber)}
        />
        <output for={`${device.key}-latency`}>{latency.value} ms</output>
      </label>
      <label>
        <span>Jitter</span>
        <input
          type="range"
          id={`${device.key}-jitter`}
          max={200}
          step={5}
          value={jitter.value}
          onInput={(event) => (jitter.value = link.jitterMs = event.currentTarget.valueAsNumber)}
        />
        <output for={`${device.key}-jitter`}>{jitter.value} ms</output>
      </label>
    </fieldset>
  );
}
