// Pages of docs/, as tests read them.
import { readFileSync } from 'node:fs';

/** A file of the repository as text; `path` begins at its root. */
export function read(path) {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

// A bar inside a cell is written \|.
function cellsOf(line) {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/**
 * The rows of all tables whose header is this one, as objects by column, each with the `section` (the
 * nearest heading) that it stands in. Fails if there is no such table.
 */
export function rowsOf(path, header) {
  const rows = [];
  let section = '';
  let columns;
  let isWanted = false;
  for (const line of read(path).split('\n')) {
    if (line.startsWith('#')) section = line.replace(/^#+ /, '');
    if (!line.startsWith('|')) {
      columns = undefined;
      continue;
    }
    const cells = cellsOf(line);
    if (!columns) {
      columns = cells;
      isWanted = header.length === cells.length && header.every((name, i) => name === cells[i]);
    } else if (isWanted && !/^[|:\s-]+$/.test(line)) {
      if (cells.length !== columns.length) throw new Error(`${path}: a row of another width: ${line}`);
      rows.push({ section, ...Object.fromEntries(columns.map((name, i) => [name, cells[i]])) });
    }
  }
  if (rows.length === 0) throw new Error(`${path} has no table | ${header.join(' | ')} |`);
  return rows;
}

/** What stands in backquotes in a cell, each. */
export function codesOf(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}
