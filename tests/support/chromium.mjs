/** How tests launch Debian's Chromium: with nothing that talks to anybody but our servers. */
export const chromiumOptions = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // For pages of a site that is not on this machine.
    '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP jam.example 127.0.0.1',
  ],
};
