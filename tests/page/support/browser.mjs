// Debian's Chromium, and pages of it that keep count of what goes wrong.

/** Playwright does not even load in an older Node. */
export const skip = Number(process.versions.node.split('.')[0]) < 20 && 'Playwright needs Node 20';

export async function launchChromium() {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
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
    ],
  });
}

/** Opens the page, which has a strict Content-Security-Policy of its own. */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({ serviceWorkers: 'block', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const troubles = [];
  const requests = [];
  page.on('console', (message) => {
    const isPlaywrights = message.text().includes('blocked by Playwright');
    const isTrouble = ['error', 'warning'].includes(message.type()) && !isPlaywrights;
    if (isTrouble && !isIcon(message.location().url)) {
      troubles.push(`${message.text()} ${message.location().url}`);
    }
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('request', (request) => isIcon(request.url()) || requests.push(request.url()));
  await page.goto(url);
  return { context, page, troubles, requests };
}

/** The browser fetches it for its own tab, whenever it likes. */
function isIcon(url) {
  return url.endsWith('/favicon.svg');
}
