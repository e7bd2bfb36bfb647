/** The strength of a note as musicians write it. */
export function dynamicsOf(velocity: number): string {
  if (velocity < 0.2) return 'pp';
  if (velocity < 0.4) return 'p';
  if (velocity < 0.55) return 'mp';
  if (velocity < 0.7) return 'mf';
  return velocity < 0.9 ? 'f' : 'ff';
}
