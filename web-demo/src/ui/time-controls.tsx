import type { TabJam } from '../jam/tab-jam';
import { speeds } from '../server/server-clock';

export function TimeControls({ jam }: { jam: TabJam }) {
  const { clock } = jam;
  const isPaused = clock.isPaused.value;
  return (
    <div class="time" role="group" aria-label="Time">
      <button type="button" onClick={() => (clock.isPaused.value = !isPaused)}>
        {isPaused ? 'Resume time' : 'Pause time'}
      </button>
      <button type="button" disabled={!isPaused} onClick={() => void jam.step()}>
        Step
      </button>
      <div class="segments" role="group" aria-label="Speed">
        {speeds.map((speed) => (
          <button
            key={speed}
            type="button"
            aria-pressed={clock.speed.value === speed}
            onClick={() => (clock.speed.value = speed)}
          >
            {speed === 1 ? 'Real time' : `× ${speed}`}
          </button>
        ))}
      </div>
    </div>
  );
}
