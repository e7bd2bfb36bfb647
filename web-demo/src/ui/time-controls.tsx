import type { Stage } from '../jam/stage';
import { speeds } from '../jam/time';

export function TimeControls({ stage }: { stage: Stage }) {
  const { time } = stage;
  const isPaused = time.isPaused.value;
  return (
    <div class="time" role="group" aria-label="Time">
      <button type="button" onClick={() => (time.isPaused.value = !isPaused)}>
        {isPaused ? 'Resume time' : 'Pause time'}
      </button>
      <button type="button" disabled={!isPaused} onClick={() => void stage.step()}>
        Step
      </button>
      <div class="segments" role="group" aria-label="Speed">
        {speeds.map((speed) => (
          <button
            key={speed}
            type="button"
            aria-pressed={time.speed.value === speed}
            onClick={() => (time.speed.value = speed)}
          >
            {speed === 1 ? 'Real time' : `× ${speed}`}
          </button>
        ))}
      </div>
    </div>
  );
}
