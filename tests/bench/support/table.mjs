// The table: a row for each measurement, a column for each server with the median and its ratio to
// ours.

import { valueOf } from "./results.mjs";
import { inUnit } from "./scenarios.mjs";

function cells(results, { scenarios, servers }) {
  const [ours] = servers;
  const columns = servers.filter(({ name }) => results.runs.some((run) => run.server === name));
  const rows = scenarios.flatMap((scenario) =>
    scenario.rows.map((row) => {
      const own = valueOf(results, ours.name, scenario.name, row.key);
      const values = columns.map(({ name }) => valueOf(results, name, scenario.name, row.key));
      return { row, own, values };
    }),
  );
  const measured = rows.filter(({ values }) => values.some((value) => value !== undefined));
  const order = [...new Set(measured.map(({ row }) => row.group))];
  measured.sort((a, b) => order.indexOf(a.row.group) - order.indexOf(b.row.group));
  return { ours, columns, rows: measured };
}

function cell(value, own, row, isOurs) {
  if (value === undefined) return "–";
  const text = inUnit(value, row);
  if (isOurs || own === undefined) return text;
  const ratio = value / own;
  return `${text} (${ratio >= 9.95 ? ratio.toFixed(0) : ratio.toFixed(1)}×)`;
}

/** The first text to the left, the others to the right. */
export function inColumns(texts, widths) {
  return texts
    .map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i])))
    .join("  ");
}

/** In fixed columns, for a terminal. */
export function textTable(results, suite) {
  const { ours, columns, rows } = cells(results, suite);
  const grid = [["", ...columns.map(({ name }) => name)]];
  let group;
  for (const { row, own, values } of rows) {
    if (row.group !== group) grid.push([row.group, ...columns.map(() => "")]);
    group = row.group;
    grid.push([`  ${row.label}`, ...values.map((value, i) => cell(value, own, row, columns[i] === ours))]);
  }
  const widths = grid[0].map((_, i) => Math.max(...grid.map((line) => line[i].length)));
  return grid.map((line) => inColumns(line, widths)).join("\n");
}

/** In Markdown, for the README. */
export function markdownTable(results, suite) {
  const { ours, columns, rows } = cells(results, suite);
  const line = (texts) => `| ${texts.join(" | ")} |`;
  return [
    line(["", ...columns.map(({ label }) => label)]),
    line(["---", ...columns.map(() => "---:")]),
    ...rows.map(({ row, own, values }) =>
      line([`${row.group}: ${row.label}`, ...values.map((value, i) => {
        const text = cell(value, own, row, columns[i] === ours);
        return columns[i] === ours ? `**${text}**` : text;
      })]),
    ),
  ].join("\n");
}
