// A process that joins a session and stays until it is killed:
// node guest.mjs URL OPTIONS ROOM_CODE
import { connect } from './client.mjs';

const [url, options, roomCode] = process.argv.slice(2);
const client = await connect(url, { options: JSON.parse(options) });
await client.request('session:join', { roomCode, name: 'Guest' });

// On polling, the next poll is to be on its way before anybody pulls the plug: a poll that breaks
// off is noticed at once, but between two polls there is nothing to notice.
setTimeout(() => console.log('joined'), 500);
