// Combines the results of all rounds.

/** The value in the middle, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of one number over all rounds, or nothing if it was not measured. */
export function valueOf(results, server, scenario, key) {
  const values = results.runs
    .filter((run) => run.server === server && run.scenario === scenario && run.found[key] !== undefined)
    .map((run) => run.found[key]);
  return values.length === 0 ? undefined : median(values);
}

/** All runs in which a message was lost, doubled, reordered or strayed. */
export const faultyRuns = (results) => results.runs.filter((run) => run.found.faulty);

/** How many events the runs saw, in all. */
export const countOf = (results, key) => results.runs.reduce((sum, run) => sum + (run.found[key] ?? 0), 0);
