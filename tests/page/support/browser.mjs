// Debian's Chromium, and pages of it that keep count of what goes wrong.

import { chromium } from 'playwright-core';

import { chromiumOptions } from '../../support/chromium.mjs';
import { patience } from './patience.mjs';

/** A browser for one test file. */
export function launchChromium() {
  return chromium.launch(chromiumOptions);
}

/** Opens the page, which has a strict Content-Security-Policy of its own. */
export async function visit(browser, url, { prepare, isFirstVisit = false, waitUntil, ...options } = {}) {
  const context = await browser.newContext({
    serviceWorkers: 'block',
    // A staff that moves needs a core of its own where there is no graphics card.
    reducedMotion: 'reduce',
    ...options,
  });
  // The first scene would unplug a device in the middle of another test.
  if (!isFirstVisit) await context.addInitScript(markSeen);
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
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
  await prepare?.(page);
  await page.goto(url, { waitUntil });
  return { context, page, troubles, requests };
}

function markSeen() {
  try {
    localStorage.setItem('downbeat-first-scene', 'seen');
  } catch {
    // This page has no storage, and so no first scene to keep from.
  }
}

/** The browser fetches it for its own tab, whenever it likes. */
function isIcon(url) {
  return url.endsWith('/favicon.svg');
}
