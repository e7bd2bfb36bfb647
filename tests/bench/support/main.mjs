// The main program of tests/bench/run, after building.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./machine.mjs";
import { measureMicro, microTable } from "./micro.mjs";
import { readOptions } from "./options.mjs";
import { plot } from "./plot.mjs";
import { countOf, faultyRuns } from "./results.mjs";
import { missingOf } from "./servers.mjs";
import { suites } from "./suites.mjs";
import { markdownTable, textTable } from "./table.mjs";
import { judge } from "./targets.mjs";

const say = (text) => process.stderr.write(`${text}\n`);

const options = (() => {
  try {
    return readOptions();
  } catch (error) {
    say(`tests/bench/run: ${error.message}`);
    process.exit(2);
  }
})();

const suite = suites[options.isWithNodes ? "nodes" : "single"];
const folder = options.out || fileURLToPath(new URL("../../../build/bench", import.meta.url));
const results = options.print ? JSON.parse(readFileSync(options.print, "utf8")) : await measureAll();
show();

async function measureAll() {
  const { rounds, seconds, window } = options;
  const made = new Date().toISOString();
  const found = { made, machine: describeMachine(), rounds, seconds, window, runs: [] };
  if (found.machine.loadAverage > 0.7) {
    say(`others keep this machine busy (load ${found.machine.loadAverage}): do not trust the figures`);
  }
  const servers = options.servers.filter((server) => {
    const missing = missingOf(server);
    if (missing) say(`without ${server.name}: there is no ${missing}`);
    return !missing;
  });
  for (let round = 1; round <= rounds; ++round) {
    for (const scenario of options.scenarios) {
      for (const server of servers) {
        if (scenario.only && !scenario.only.includes(server.name)) continue;
        const run = { round, scenario: scenario.name, server: server.name };
        try {
          run.found = await suite.measure(server, scenario, options);
        } catch (error) {
          run.found = { failed: error.message };
        }
        found.runs.push(run);
        say(`round ${round}/${rounds}: ${scenario.name}, ${server.name}: ${brief(scenario, run.found)}`);
      }
    }
  }
  if (options.isWithMicro) found.micro = await measureMicro(options, say);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${suite.file}.json`, `${JSON.stringify(found, undefined, 1)}\n`);
  return found;
}

function brief(scenario, found) {
  if (found.failed) return `FAILED: ${found.failed}`;
  const { lost, doubled, reordered, strayed } = found;
  const faults = found.faulty ? `; FAULTY: ${JSON.stringify({ lost, doubled, reordered, strayed })}` : "";
  const figures = scenario.rows.filter(({ key }) => found[key] !== undefined);
  return figures.map(({ key }) => `${key} ${Number(found[key].toPrecision(3))}`).join(", ") + faults;
}

/** A server that is known to lose events when it falls behind, and has done nothing worse. */
function isExpected({ server, found: { doubled, reordered, strayed } }) {
  return suite.mayLose?.includes(server) && doubled + reordered + strayed === 0;
}

function show() {
  const faulty = faultyRuns(results).filter((run) => !isExpected(run));
  mkdirSync(folder, { recursive: true });
  const drawn = [`${folder}/${suite.file}.json`];
  if (suite === suites.single) {
    drawn.push(`${folder}/results.svg`);
    writeFileSync(drawn[1], plot(results));
  }
  const lines = [options.isMarkdown ? markdownTable(results, suite) : textTable(results, suite), ""];
  if (results.micro && !options.isMarkdown) lines.push(microTable(results.micro), "");
  if (!options.isMarkdown) {
    lines.push(...judge(results, suite.targets).map(({ isMet, text }) => `${isMet ? "ok    " : "MISSED"}  ${text}`));
    const deliveries = countOf(results, "deliveries_in_all");
    if (faulty.length > 0) {
      const who = faulty.map((run) => run.server).join(", ");
      lines.push(`MISSED  messages were lost, doubled, reordered or strayed: ${who}`);
    } else if (deliveries > 0) {
      const count = deliveries.toLocaleString("en");
      lines.push(`ok      nothing was lost, doubled, reordered or strayed in ${count} deliveries`);
    }
    for (const { scenario, server, found } of faultyRuns(results).filter(isExpected)) {
      lines.push(`        but ${server}, which cannot keep up, lost ${found.lost} deliveries in ${scenario}`);
    }
    lines.push("", `${drawn.join(", ")}`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
  const failed = results.runs.filter((run) => run.found.failed);
  for (const run of failed) say(`${run.scenario}, ${run.server}: ${run.found.failed}`);
  if (failed.length > 0 || faulty.length > 0) process.exitCode = 1;
}
