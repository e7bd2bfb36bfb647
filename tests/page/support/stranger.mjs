// A client in the same session that ignores the page's rules: a bare WebSocket that sends any
// frames, in a browser because Node 18 has no WebSocket.

export class Stranger {
  /** Connects; `code` joins that session, and `pid` takes over a seat in one. */
  static async enter(browser, server, { name, instrument, code, pid }) {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${server.url}healthz`);
    await page.evaluate(async ([port, connect]) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
      const answers = [];
      const waiting = [];
      const arrives = (frame) => (waiting.length ? waiting.shift()(frame) : answers.push(frame));
      socket.onmessage = ({ data }) => {
        if (data === '2') socket.send('3');
        else if (/^(0|40|43)/.test(data)) arrives(data);
      };
      const next = () => new Promise((resolve) => (answers.length ? resolve(answers.shift()) : waiting.push(resolve)));
      window.send = (frame) => socket.send(frame);
      window.ask = async (event, payload) => {
        socket.send(`420${JSON.stringify([event, payload])}`);
        const [answer] = JSON.parse((await next()).slice(3));
        return answer;
      };
      await next();
      socket.send(connect);
      await next();
    }, [server.port, pid ? `40${JSON.stringify({ pid })}` : '40']);
    const stranger = new Stranger();
    stranger.page = page;
    stranger.code = code;
    if (code) await stranger.ask('session:join', { roomCode: code, name, instrument });
    return stranger;
  }

  /** Emits an event and waits for its acknowledgement. */
  ask(event, payload) {
    return this.page.evaluate(([event, payload]) => window.ask(event, payload), [event, payload]);
  }

  /** Sends events without waiting for anything: `[type, data]` each. */
  play(...events) {
    return this.page.evaluate((events) => {
      for (const [type, data] of events)
        window.send(`42${JSON.stringify(['session:event', { type, data }])}`);
    }, events);
  }

  /** Sends an event with so many bytes of binary data. */
  playBytes(count) {
    return this.page.evaluate((count) => {
      const data = { _placeholder: true, num: 0 };
      window.send(`451-${JSON.stringify(['session:event', { type: 'blob', data }])}`);
      window.send(new Uint8Array(count).fill(65));
    }, count);
  }

  /** A connection that only ends would leave the seat to its participant for a while. */
  async leave() {
    if (this.code) await this.ask('session:leave', { roomCode: this.code });
    await this.page.context().close();
  }
}
