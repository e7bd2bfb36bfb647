import { useEffect, useMemo } from 'preact/hooks';
import type { KeptJam } from '../keep/kept-jam';
import { kindOf, nameOf } from '../music/instruments';
import { ScoreView } from '../ui/score-view';
import { colourOf, JamPlayer } from './jam-player';

/** A kept jam on the staff, with those who play. */
export function PlayerView({ jam }: { jam: KeptJam }) {
  const player = useMemo(() => new JamPlayer(jam), [jam]);
  useEffect(() => () => player.pause(), [player]);
  return (
    <section class="player-page" aria-label="Kept jam">
      <ScoreView score={player.score} />
      <Transport player={player} />
      <Members player={player} />
    </section>
  );
}

function Transport({ player }: { player: JamPlayer }) {
  const { lengthMs } = player;
  const isPlaying = player.isPlaying.value;
  const position = player.positionMs.value;
  const where = `${clockOf(position)} of ${clockOf(lengthMs)}`;
  return (
    <div class="transport">
      <button
        type="button"
        class="primary"
        onClick={() => (isPlaying ? player.pause() : player.play())}
      >
        {isPlaying ? 'Pause' : 'Play'}
      </button>
      <label>
        <span class="visually-hidden">Position</span>
        <input
          type="range"
          max={lengthMs}
          step={100}
          value={position}
          aria-valuetext={where}
          onInput={(event) => player.seek(event.currentTarget.valueAsNumber)}
        />
      </label>
      <span class="where">{where}</span>
    </div>
  );
}

function Members({ player }: { player: JamPlayer }) {
  return (
    <ul class="participants" aria-label="Members">
      {player.jam.members.map(({ name, instrument }, member) => {
        const last = player.lastNotes.value.get(member);
        return (
          <li key={member} class={`person-${colourOf(member)}`}>
            <span
              key={last?.count}
              class={`dot ${kindOf(instrument)}-shape ${last ? 'pulse' : ''}`}
              aria-hidden="true"
            />
            <bdi class="who" title={name}>
              {name}
            </bdi>
            <bdi class="what" title={instrument}>
              {instrument}
            </bdi>
            <span class="last-note">{last ? nameOf(last.pitch, instrument) : ''}</span>
          </li>
        );
      })}
    </ul>
  );
}

function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
