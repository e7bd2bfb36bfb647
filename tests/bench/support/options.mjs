// The options of tests/bench/run.

import { parseArgs } from "node:util";
import { suites } from "./suites.mjs";

const names = (list) => list.map(({ name }) => name).join(",");

const help = ({ scenarios, servers }) => `Measures Downbeat side by side with other Socket.IO servers.

Usage: tests/bench/run [OPTIONS]

  --nodes             two nodes on one Redis instead, with Socket.IO's adapters beside them
  --rounds N          rounds of all measurements, in alternation (3)
  --seconds N         duration of each measurement of playing (4)
  --window N          events of a member that may be in flight when saturating (1)
  --scenarios A,B     only these: ${names(scenarios)}
  --servers A,B       only these: ${names(servers)}
  --micro             also measure the core alone, natively and in WebAssembly
  --smoke             with --nodes: tiny; measures nothing
  --out FOLDER        where results.json and results.svg, or nodes.json, go (build/bench)
  --server-core N     the core that servers are pinned to (0)
  --load-core N       the core that the load is pinned to (1)
  --markdown          print the table in Markdown
  --print FILE        print and plot the results of an earlier run; measures nothing
`;

export function readOptions() {
  const { values } = parseArgs({
    options: {
      nodes: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "4" },
      window: { type: "string", default: "1" },
      scenarios: { type: "string", default: "" },
      servers: { type: "string", default: "" },
      micro: { type: "boolean", default: false },
      out: { type: "string", default: "" },
      "server-core": { type: "string", default: "0" },
      "load-core": { type: "string", default: "1" },
      markdown: { type: "boolean", default: false },
      print: { type: "string", default: "" },
    },
  });
  const suite = suites[values.nodes ? "nodes" : "single"];
  if (values.help) {
    process.stdout.write(help(suite));
    process.exit(0);
  }
  return {
    isWithNodes: values.nodes,
    smoke: values.smoke,
    rounds: positive(values.rounds, "--rounds"),
    seconds: positive(values.seconds, "--seconds"),
    window: positive(values.window, "--window"),
    scenarios: chosen(suite.scenarios, values.scenarios),
    servers: chosen(suite.servers, values.servers),
    isWithMicro: values.micro,
    out: values.out,
    serverCore: values["server-core"],
    loadCore: values["load-core"],
    isMarkdown: values.markdown,
    print: values.print,
  };
}

function positive(text, option) {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${option} takes a number above 0`);
  return number;
}

function chosen(all, text) {
  if (text === "") return all;
  return text
    .split(",")
    .filter((name) => name !== "")
    .map((name) => {
      const found = all.find((one) => one.name === name);
      if (!found) throw new Error(`unknown name ${name}; choose from ${names(all)}`);
      return found;
    });
}
