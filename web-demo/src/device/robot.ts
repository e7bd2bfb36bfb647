import type { Device } from './device';

/** Beats of a robot are sixteenths at 96 to the minute. */
const sixteenth = 60_000 / 96 / 4;

// Four bars of A minor, F, C and G, that never end.
const roots = [57, 53, 48, 55];
const chords = [
  [57, 60, 64],
  [57, 60, 65],
  [55, 60, 64],
  [55, 59, 62],
];
const scale = [69, 72, 74, 76, 79, 81]; // A minor's pentatonic: right over each chord

interface Score {
  pitches(bar: number, beat: number): number[];
  velocity: number;
  length: number; // in sixteenths
}

const scores: Record<string, Score> = {
  drums: {
    pitches: (_, beat) => [
      ...(beat === 0 || beat === 10 ? [36] : []),
      ...(beat === 4 || beat === 12 ? [38] : []),
      ...(beat % 4 === 2 ? [42] : []),
    ],
    velocity: 0.45,
    length: 1,
  },
  bass: {
    pitches: (bar, beat) => ([0, 6, 10].includes(beat) ? [roots[bar]! - 12] : []),
    velocity: 0.55,
    length: 3,
  },
  piano: {
    pitches: (bar, beat) => (beat === 0 || beat === 7 ? chords[bar]! : []),
    velocity: 0.3,
    length: 5,
  },
  synth: {
    // The melody looks random but is the same each time, so robots need not exchange anything.
    pitches: (bar, beat) =>
      [0, 3, 6, 8, 11].includes(beat) && (bar * 7 + beat * 5) % 3 !== 0
        ? [scale[(bar * 5 + beat * 3) % scale.length]!]
        : [],
    velocity: 0.22,
    length: 2,
  },
};

/** Plays along on a device, in the server's time: if time is slowed, so is the music. */
export class Robot {
  #last = -1;
  #sounding: { pitch: number; end: number }[] = [];

  constructor(readonly device: Device) {}

  tick(now: number): void {
    const beat = Math.floor(now / sixteenth);
    if (beat === this.#last) return;
    this.#last = beat;
    this.#release(beat);
    if (!this.device.session.value || this.device.connection.value !== 'connected') return;
    const score = scores[this.device.instrument.value]!;
    for (const pitch of score.pitches(Math.floor(beat / 16) % 4, beat % 16)) {
      this.device.play({ pitch, velocity: score.velocity, isOn: true });
      this.#sounding.push({ pitch, end: beat + score.length });
    }
  }

  #release(beat: number): void {
    for (const { pitch, end } of this.#sounding) {
      if (end <= beat) this.device.play({ pitch, velocity: 0, isOn: false });
    }
    this.#sounding = this.#sounding.filter(({ end }) => end > beat);
  }
}
