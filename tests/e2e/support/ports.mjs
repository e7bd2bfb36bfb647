// Ports for programs that cannot pick one by themselves and say which.
import { once } from 'node:events';
import net from 'node:net';

/**
 * A free port of the loopback. It is below the range from which Linux picks ports by itself,
 * so that no other connection takes it meanwhile.
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = net.createServer();
    try {
      probe.listen(port, '127.0.0.1');
      await once(probe, 'listening');
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      continue;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
