// The computer's keys by position, independent of their labels: two rows like a piano's.
const places =
  'KeyA KeyW KeyS KeyE KeyD KeyF KeyT KeyG KeyY KeyH KeyU KeyJ KeyK KeyO KeyL KeyP'.split(' ');
const padPlaces = 'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK'.split(' ');

/** How far above the lowest key a computer's key plays; or which pad. */
export function stepOf(code: string, isDrums: boolean): number | undefined {
  const step = (isDrums ? padPlaces : places).indexOf(code);
  return step < 0 ? undefined : step;
}

/** The label of the key on most keyboards. */
export function printOf(step: number, isDrums: boolean): string {
  return (isDrums ? padPlaces : places)[step]?.slice(3) ?? '';
}
