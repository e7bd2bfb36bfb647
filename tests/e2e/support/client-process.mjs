// A process that joins a session and stays until it is killed:
// node client-process.mjs URL OPTIONS ROOM_CODE
import { connect } from './client.mjs';

const [url, options, roomCode] = process.argv.slice(2);
const client = await connect(url, { options: JSON.parse(options) });
await client.request('session:join', { roomCode, name: 'Bob' });

// On polling, the next poll should be on its way before the test kills this process: the server
// notices a broken poll at once, but between two polls there is nothing to notice.
setTimeout(() => console.log('joined'), 500);
