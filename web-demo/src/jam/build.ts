import type { Build } from 'downbeat';

/** Which build this page is of, and the engine that it has inside. */
export const ownBuild: Build = __DOWNBEAT_BUILD__;

export interface Comparison {
  isSame: boolean | undefined; // undefined: nobody can tell
  words: string;
}

/** Whether the server and this page are of the same commit, as far as both know theirs. */
export function compareBuilds(server: Build, page: Build = ownBuild): Comparison {
  if (server.version !== page.version) {
    return {
      isSame: false,
      words: `The server is Downbeat ${server.version}, this page ${page.version}. Reload to get the server’s own.`,
    };
  }
  if (server.commit === 'unknown' || page.commit === 'unknown') {
    return {
      isSame: undefined,
      words: `Server and page are both Downbeat ${page.version}, built without knowing their commits.`,
    };
  }
  if (server.commit !== page.commit) {
    return {
      isSame: false,
      words: `The server is of commit ${server.commit}, this page of ${page.commit}. Reload to get the server’s own.`,
    };
  }
  const [commit, isDirty] = page.commit.split('-');
  return {
    isSame: true,
    words: `Server and page are of the same commit, ${commit}${isDirty ? ', with changes that are in none' : ''}.`,
  };
}
