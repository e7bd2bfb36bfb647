/** The origins at which other machines in the network can open the page, as far as the server tells. */
export async function fetchNetworkOrigins(): Promise<string[]> {
  try {
    const response = await fetch('/network');
    const { origins } = (await response.json()) as { origins?: unknown };
    if (!Array.isArray(origins)) return [];
    return origins.filter((one) => typeof one === 'string' && /^https?:\/\/[^/]+$/.test(one));
  } catch {
    return []; // it does not tell
  }
}
