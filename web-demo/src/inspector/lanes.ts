/** The position of a lane's line; -1 is the server's. */
export function placeOf(lane: number, lanes: number): string {
  return `${(((lane + 1.5) / (lanes + 1.5)) * 92).toFixed(2)}%`;
}
