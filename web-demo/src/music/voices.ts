// The instruments, made of oscillators and noise. Each starts a note and returns what ends it.

import { kindOf, type Instrument } from './instruments';

type Stop = (at: number) => void;
type Voice = (out: AudioNode, pitch: number, velocity: number) => Stop;

const hertz = (pitch: number) => 440 * 2 ** ((pitch - 69) / 12);

/** A gain that rises and then falls by itself. */
function envelope(out: AudioNode, peak: number, attack: number, decay: number): GainNode {
  const { context } = out;
  const gain = context.createGain();
  const now = context.currentTime;
  gain.gain.setValueAtTime(0.0001, now);
  gain.gain.linearRampToValueAtTime(peak, now + attack);
  gain.gain.setTargetAtTime(0.0001, now + attack, decay / 4);
  gain.connect(out);
  return gain;
}

function oscillate(into: AudioNode, type: OscillatorType, frequency: number, until: number) {
  const { context } = into;
  const oscillator = context.createOscillator();
  oscillator.type = type;
  oscillator.frequency.value = frequency;
  oscillator.connect(into);
  oscillator.start();
  oscillator.stop(context.currentTime + until);
  return oscillator;
}

function lowpass(out: AudioNode, from: number, to: number, over: number): BiquadFilterNode {
  const { context } = out;
  const filter = context.createBiquadFilter();
  filter.type = 'lowpass';
  filter.frequency.setValueAtTime(from, context.currentTime);
  filter.frequency.exponentialRampToValueAtTime(to, context.currentTime + over);
  filter.connect(out);
  return filter;
}

/** Ends a note: it fades out from its present volume. */
function fade(gain: GainNode, time: number): Stop {
  return (at) => {
    gain.gain.cancelScheduledValues(at);
    gain.gain.setTargetAtTime(0.0001, at, time);
  };
}

const piano: Voice = (out, pitch, velocity) => {
  const gain = envelope(out, velocity * 0.5, 0.004, 2.4);
  const filter = lowpass(gain, 900 + 5000 * velocity, 700, 1.2);
  oscillate(filter, 'triangle', hertz(pitch), 3);
  oscillate(filter, 'sine', hertz(pitch) * 2.003, 3);
  return fade(gain, 0.09);
};

const bass: Voice = (out, pitch, velocity) => {
  const gain = envelope(out, velocity * 0.6, 0.008, 1.8);
  const filter = lowpass(gain, 300 + 900 * velocity, 180, 0.5);
  oscillate(filter, 'sawtooth', hertz(pitch), 3);
  oscillate(gain, 'sine', hertz(pitch), 3);
  return fade(gain, 0.06);
};

const synth: Voice = (out, pitch, velocity) => {
  const gain = envelope(out, velocity * 0.28, 0.03, 6);
  const filter = lowpass(gain, 3200, 900, 0.8);
  for (const detune of [-7, 7])
    oscillate(filter, 'sawtooth', hertz(pitch), 8).detune.value = detune;
  return fade(gain, 0.18);
};

/** A drum's skin: a tone that falls. */
function skin(out: AudioNode, from: number, to: number, length: number, loudness: number) {
  const gain = envelope(out, loudness, 0.002, length);
  const tone = oscillate(gain, 'sine', from, length + 0.3);
  tone.frequency.exponentialRampToValueAtTime(to, out.context.currentTime + length * 0.5);
}

const noises = new WeakMap<BaseAudioContext, AudioBuffer>();

function noiseOf(context: BaseAudioContext): AudioBuffer {
  let buffer = noises.get(context);
  if (!buffer) {
    buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let at = 0; at < samples.length; ++at) samples[at] = Math.random() * 2 - 1;
    noises.set(context, buffer);
  }
  return buffer;
}

function hiss(
  out: AudioNode,
  type: BiquadFilterType,
  frequency: number,
  length: number,
  loudness: number,
) {
  const { context } = out;
  const source = context.createBufferSource();
  source.buffer = noiseOf(context);
  const filter = context.createBiquadFilter();
  filter.type = type;
  filter.frequency.value = frequency;
  source.connect(filter).connect(envelope(out, loudness, 0.001, length));
  source.start();
  source.stop(context.currentTime + length + 0.2);
}

const drums: Voice = (out, pitch, velocity) => {
  const loudness = velocity * 0.8;
  switch (pitch) {
    case 36:
      skin(out, 150, 45, 0.4, loudness);
      break;
    case 38:
      skin(out, 210, 150, 0.15, loudness * 0.5);
      hiss(out, 'highpass', 1500, 0.22, loudness * 0.5);
      break;
    case 42:
      hiss(out, 'highpass', 8000, 0.07, loudness * 0.4);
      break;
    case 46:
      hiss(out, 'highpass', 7000, 0.45, loudness * 0.35);
      break;
    case 39:
      hiss(out, 'bandpass', 1200, 0.2, loudness);
      break;
    case 37:
      skin(out, 900, 700, 0.05, loudness * 0.5);
      break;
    default:
      skin(out, 60 + pitch * 2.4, 40 + pitch, 0.4, loudness * 0.8);
  }
  return () => {};
};

const voices: Record<Instrument, Voice> = { piano, bass, synth, drums };

export function voiceOf(instrument: string): Voice {
  return voices[kindOf(instrument)];
}
