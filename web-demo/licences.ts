import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Writes the licences of the packages in the page. */
export function licences(): Plugin {
  const folder = fileURLToPath(new URL('node_modules/', import.meta.url));
  return {
    name: 'downbeat-licences',
    apply: 'build',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) =>
        part.type === 'chunk' ? part.moduleIds : part.originalFileNames,
      );
      const names = new Set(
        modules.map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]).filter(Boolean),
      );
      const source = [...names].sort().map((name) => {
        const file = readdirSync(`${folder}${name}`).find((each) => /^licen[cs]e/i.test(each));
        const text = readFileSync(`${folder}${name}/${file}`, 'utf8').trim();
        return `${name}\n\n${text}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: source.join('\n\n') });
    },
  };
}
